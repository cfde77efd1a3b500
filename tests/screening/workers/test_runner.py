from __future__ import annotations

import sys

import pytest
from fake_runs import fake_run
from fake_scorers import DescriptorScorer

from molq.screening.settings import Manner
from molq.screening.workers.inline import InlineRunner
from molq.screening.workers.processes import WorkerProcesses
from molq.screening.workers.runner import make_runner


@pytest.mark.parametrize(
    ("workers", "scorer", "platform", "kind"),
    [
        (2, None, "linux", WorkerProcesses),
        (0, None, "linux", InlineRunner),
        (2, DescriptorScorer(), "linux", InlineRunner),
        (2, None, "win32", InlineRunner),
    ],
)
def test_who_does_the_work(model, library, tmp_path, monkeypatch, workers, scorer, platform, kind):
    run = fake_run(model, library, tmp_path / "out.csv")
    run.reader.close()
    monkeypatch.setattr(sys, "platform", platform)
    runner = make_runner(run.job, Manner(workers=workers), scorer)
    assert type(runner) is kind
    assert runner.replaced == 0


def test_with_ray_there_are_actors_and_nothing_is_started_before_start(model, library, tmp_path):
    run = fake_run(model, library, tmp_path / "out.csv")
    run.reader.close()
    runner = make_runner(run.job, Manner(engine="ray", concurrency=3))
    assert type(runner).__name__ == "RayActors"
    assert (runner.n_workers, runner.replaced) == (3, 0)
