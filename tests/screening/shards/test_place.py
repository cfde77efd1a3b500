from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from fake_runs import OnStep, screen

from molq.errors import InputError, OutputError


def test_a_shard_twice_is_the_same_bytes_whatever_the_manner(sharded, model, library):
    folder = sharded(3)
    before = (folder / "shard-2-of-3.parquet").read_bytes()
    screen(model, library, folder, shard="2/3", shard_rows=400, workers=2, chunk_rows=37, force=True)
    assert (folder / "shard-2-of-3.parquet").read_bytes() == before


def test_a_shard_that_is_done_is_not_done_again(sharded, model, library):
    folder = sharded(3)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    summary = screen(model, library, folder, shard="2/3", workers=0, shard_rows=400)
    assert summary.resumed_rows == summary.rows > 0
    assert "the shard was done before" in summary.notes[0]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    again = screen(model, library, folder, shard="2/3", workers=0, shard_rows=400, force=True)
    assert again.resumed_rows == 0
    assert again.reasons == summary.reasons


@pytest.mark.parametrize("gone", ["shard-2-of-3.parquet", "shard-2-of-3.json"])
def test_half_a_shard_is_none(sharded, model, library, gone):
    folder = sharded(3)
    scores = (folder / "shard-2-of-3.parquet").read_bytes()
    (folder / gone).unlink()
    assert screen(model, library, folder, shard="2/3", workers=0, shard_rows=400).resumed_rows == 0
    assert (folder / "shard-2-of-3.parquet").read_bytes() == scores
    assert (folder / "shard-2-of-3.json").exists()


def test_a_folder_of_another_run_is_not_written_to(sharded, model, library, tmp_path):
    folder = sharded(3, but=2)
    before = sorted(folder.iterdir())
    with pytest.raises(OutputError, match="of another run: `max_atoms` was 1000, and is 9 now; choose another folder"):
        screen(model, library, folder, shard="2/3", workers=0, shard_rows=400, max_atoms=9)
    with pytest.raises(OutputError, match="it is one of 3 shards; choose another folder"):
        screen(model, library, folder, shard="2/4", workers=0, shard_rows=400)
    model.write_bytes(b"another")
    with pytest.raises(OutputError, match="the model has changed"):
        screen(model, library, folder, shard="1/3", workers=0, shard_rows=400)
    assert sorted(folder.iterdir()) == before


def test_an_interruption_leaves_nothing(model, library, tmp_path, monkeypatch):
    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        raise Stop

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(Stop):
        screen(model, library, tmp_path / "shards", shard="1/2", workers=0, progress=OnStep(stop))
    assert not list((tmp_path / "shards").iterdir())
    assert not list((tmp_path / "scratch").iterdir())


def test_outputs_that_are_no_folder(model, library, tmp_path):
    for output in ("-", tmp_path / "out.csv", tmp_path / "OUT.PARQUET"):
        with pytest.raises(InputError, match="with `shard`, `output` is the folder of the shards"):
            screen(model, library, output, shard="1/2", workers=0)
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(OutputError, match="taken cannot be written"):
        screen(model, library, tmp_path / "taken", shard="1/2", workers=0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(model, library, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="may not be written to"):
        screen(model, library, folder, shard="1/2", workers=0)


def test_a_scorer_without_a_file_has_no_shards(library, tmp_path):
    from fake_scorers import DescriptorScorer

    with pytest.raises(InputError, match=r"the model is a \.molq file"):
        screen(DescriptorScorer(), library, tmp_path / "shards", shard="1/2")


def test_a_full_disk_is_told_with_a_remedy(model, library, tmp_path, monkeypatch):
    from molq.screening.shards import place

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, "put_in_place", full)
    with pytest.raises(OutputError, match=r"No space left on device.*screen the shard again"):
        screen(model, library, tmp_path / "shards", shard="1/2", workers=0)
    assert not list(Path(tmp_path / "shards").glob("*.json"))
