from __future__ import annotations

import pytest
from fake_runs import fake_run

from molq import __version__
from molq.columns import columns_of
from molq.screening.workers.messages import Broken, Failed, Ready, Short
from molq.screening.workers.ray_actor import CallDone, ScoringActor


@pytest.fixture
def actor_with(model, library, tmp_path):
    """An actor in this process, and the chunks of the library."""
    made = []

    def make(loader, version=__version__):
        run = fake_run(model, library, tmp_path / "out.csv", loader)
        chunks = list(run.reader.chunks(500, 1500))
        run.reader.close()
        made.append(ScoringActor(version, run.job, 10.0))
        return made[-1], chunks

    yield make
    for actor in made:
        if actor._processes is not None:
            actor._processes.stop()


def test_chunks_come_back_in_order(actor_with):
    actor, chunks = actor_with("load")
    assert actor.load() == Ready(columns_of(("first", "second")))
    scored = actor.score(chunks, ())
    assert isinstance(scored, CallDone)
    assert ([result.n_rows for result in scored.results], scored.replaced) == ([500, 500, 500], 0)
    assert [sum(result.reasons.values()) for result in scored.results] == [5, 5, 5]


def test_another_version_is_refused_before_any_score(actor_with):
    actor, _ = actor_with("load", version="9.9")
    answer = actor.load()
    assert isinstance(answer, Failed)
    assert f"has molq {__version__}, and this is 9.9; install the same" in answer.message


def test_errors_are_answers(actor_with):
    actor, _ = actor_with("load_without_memory")
    assert isinstance(actor.load(), Short | Failed)
    actor, _ = actor_with("load_broken")
    answer = actor.load()
    assert isinstance(answer, Broken)
    assert "the model is broken" in answer.text


def test_a_job_without_its_loader(actor_with):
    actor, _ = actor_with("absent")
    answer = actor.load()
    assert isinstance(answer, Failed)
    assert answer.error == "InputError"
