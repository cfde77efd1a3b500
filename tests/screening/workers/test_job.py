from __future__ import annotations

import msgspec
import pytest
from fake_runs import fake_run

from molq.screening.workers.job import LOADER, Job


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
