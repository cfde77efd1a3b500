from __future__ import annotations

from pathlib import Path

import pytest

from molq.errors import InputError, OutputError
from molq.records.shard import Shard
from molq.remote.writing import put
from molq.screening.shards.manifest import file_of, manifest_path, read_manifest, shards_in


def test_files_sort_as_the_shards_do(tmp_path):
    names = [file_of(tmp_path, Shard(number, 200)).name for number in range(1, 201)]
    assert names == sorted(names)
    assert names[2] == "shard-003-of-200.parquet"
    assert manifest_path(tmp_path, Shard(3, 5)).name == "shard-3-of-5.json"


def test_the_shards_of_a_folder_are_found_by_their_manifests(sharded, tmp_path):
    folder = sharded(12, but=7, max_atoms=500, columns=("price",))
    (folder / "shard-07-of-12.parquet").write_text("without a manifest")
    (folder / "shard-7-of-12.json").write_text("not so called")
    assert shards_in(folder) == [Shard(number, 12) for number in range(1, 13) if number != 7]
    with pytest.raises(InputError, match="name the folder of the shards"):
        shards_in(tmp_path / "nowhere")


def test_the_shards_of_a_folder_in_a_store_are_not_those_of_folders_in_it(bucket):
    for name in ("shard-2-of-2.json", "old/shard-1-of-2.json", "shard-1-of-2.json/x"):
        put(b"{}", f"{bucket}/run/{name}")
    assert shards_in(Path(f"{bucket}/run")) == [Shard(2, 2)]


def test_a_manifest_says_what_a_shard_came_to(sharded, home):
    folder = sharded(2)
    manifest = read_manifest(folder, Shard(2, 2))
    assert manifest.done.rows == manifest.done.scored + manifest.done.rejected
    assert manifest.done.rejected == sum(manifest.done.reasons.values()) > 0
    assert (manifest.models, manifest.library) == (
        (str(home / "model.molq"),),
        (str(home / "library.csv"),),
    )
    with pytest.raises(OutputError, match="No such file"):
        read_manifest(folder, Shard(1, 3))
