from __future__ import annotations

import pytest

from molq.errors import OutputError
from molq.records.arrow import batch_of
from molq.screening.shards import reader as module
from molq.screening.shards.manifest import read_manifest, shards_in, write_manifest
from molq.screening.shards.reader import ShardsReader


def opened(folder):
    return ShardsReader(folder, [read_manifest(folder, shard) for shard in shards_in(folder)])


@pytest.mark.parametrize("options", [{}, {"threshold": 0.9}, {"top": 5}], ids=str)
@pytest.mark.parametrize("start", [0, 137, 1499, 1500])
def test_chunks_hold_every_row_in_order_and_cross_no_point_to_go_on_from(sharded, monkeypatch, options, start):
    monkeypatch.setattr(module, "_BATCH_ROWS", 64)
    reader, row, kept = opened(sharded(7, **options)), start, []
    for chunk in reader.chunks(1, 100, start):
        assert chunk.first_row <= row < chunk.first_row + chunk.n_rows
        assert chunk.first_row // 100 == (chunk.first_row + chunk.n_rows - 1) // 100
        first = reader.first_rows[chunk.layout]
        rows = [at + first for at in batch_of(chunk.body).column(0).to_pylist()]
        assert all(chunk.first_row <= at < chunk.first_row + chunk.n_rows for at in rows)
        kept += rows
        row = chunk.first_row + chunk.n_rows
    assert row == 1500 == reader.total_rows(0)
    assert kept == sorted(set(kept))
    assert options or set(range(start, 1500)) <= set(kept)


def test_a_file_of_other_rows_than_its_manifest_says(sharded):
    import msgspec

    folder = sharded(2)
    manifest = read_manifest(folder, shards_in(folder)[0])
    done = msgspec.structs.replace(manifest.done, rows=manifest.done.rows + 1)
    write_manifest(folder, msgspec.structs.replace(manifest, done=done))
    with pytest.raises(OutputError, match="does not hold what its manifest says"):
        list(opened(folder).chunks(1, 100))
