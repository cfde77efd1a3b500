from __future__ import annotations

import hashlib
import os

import msgspec
import pytest
from fake_runs import fake_run

from molq.errors import InputError
from molq.screening.workers import job
from molq.screening.workers.job import LOADER, Job, read_model


@pytest.mark.parametrize("output", ["out.csv", "out.parquet", "-"])
def test_a_job_arrives_as_it_was_sent(model, library, tmp_path, output):
    options = {"tasks": ["first"], "columns": ["price"], "threshold": 0.5, "lowest": True}
    run = fake_run(model, library, output if output == "-" else tmp_path / output, "load", **options)
    run.reader.close()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(run.job), type=Job) == run.job
    assert run.job.layouts


def test_the_scorer_is_the_engine_unless_told_otherwise(library, model, tmp_path):
    from molq.screening.screen import screen_run
    from molq.screening.settings import Manner, Settings

    run = screen_run(model, library, tmp_path / "out.csv", Settings(), Manner())
    run.reader.close()
    assert run.job.loader == LOADER == "molq.screening.workers.scorer:load_scorer"


def test_a_model_is_what_its_file_held_when_it_was_read(tmp_path):
    path = tmp_path / "m.molq"
    path.write_bytes(b"one")
    source = read_model(str(path))
    path.write_bytes(b"two")
    assert (source.path, source.content) == (str(path), b"one")
    assert source.sha256 == hashlib.sha256(b"one").hexdigest()


def test_what_is_no_model_file_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", "."):
        with pytest.raises(InputError, match="no such model file"):
            read_model(str(tmp_path / name))
    (tmp_path / "m.molq").write_bytes(b"1234")
    monkeypatch.setattr(job, "MAX_MODEL_BYTES", 3)
    with pytest.raises(InputError, match="4 bytes; no model is larger than 3"):
        read_model(str(tmp_path / "m.molq"))
