from __future__ import annotations

import asyncio
import os
import signal
import time

import numpy as np
import pytest

from molq.errors import InputError
from molq.screening.workers.job import ModelSource
from molq.server.pool.questions import Refused, Score, ScoreAnswer
from molq.server.pool.workers import WorkerPool


def pool_of(loader: str, n_workers: int = 2, timeout: float = 1.0) -> WorkerPool:
    return WorkerPool([ModelSource("fake", b"")], n_workers, timeout, f"fake_scorers:{loader}")


@pytest.fixture
def poisoned():
    pool = pool_of("load_poison")
    yield pool
    pool.close()


def ask(pool: WorkerPool, *smiles: str):
    return pool.ask(Score(smiles=smiles, models=("fake",)))


def reasons(answer: ScoreAnswer) -> dict[int, str]:
    return answer.models["fake"].reasons


def test_a_poison_molecule_costs_its_own_row_and_holds_up_no_other_worker(poisoned):
    async def all_of_them():
        kill = ask(poisoned, "CCO", "[U]", "CCN")
        slow = asyncio.create_task(ask(poisoned, "CO", "[Pu]"))
        raising = ask(poisoned, "[Th]", "CCC")
        begun = time.monotonic()
        healthy = await asyncio.gather(*(ask(poisoned, "C" * n) for n in range(1, 40)))
        return healthy, time.monotonic() - begun, await kill, await slow, await raising

    healthy, _seconds, kill, slow, raising = asyncio.run(all_of_them())
    assert not any(map(reasons, healthy))
    assert reasons(kill) == {1: "a worker was killed by SIGSEGV on this molecule"}
    assert reasons(slow) == {1: "took longer than 1 s"}
    assert reasons(raising) == {0: "failed with ValueError: thorium is too heavy"}
    assert poisoned.counts.replaced >= 3


def test_a_molecule_that_hangs_holds_up_none_of_those_that_it_was_asked_with():
    pool = pool_of("load_poison", 2, timeout=3.0)

    async def all_of_them():
        questions = [asyncio.create_task(ask(pool, "[Pu]" if n == 20 else "C" * n)) for n in range(1, 41)]
        hanging = questions.pop(19)
        healthy = await asyncio.gather(*questions)
        assert not hanging.done()
        return healthy, await hanging

    healthy, hanging = asyncio.run(all_of_them())
    pool.close()
    assert not any(map(reasons, healthy))
    assert reasons(hanging) == {0: "took longer than 3 s"}


def test_questions_that_fail_together_are_answered_apart(poisoned):
    async def all_of_them():
        texts = ["[U]" if n == 5 else "[Th]C" if n == 9 else "C" * n for n in range(1, 41)]
        return await asyncio.gather(*(ask(poisoned, text, "CCO") for text in texts))

    answers = asyncio.run(all_of_them())
    assert [n for n, answer in enumerate(answers, 1) if reasons(answer)] == [5, 9]


def test_scores_do_not_depend_on_who_asks_at_the_same_time(poisoned):
    async def together():
        return await asyncio.gather(*(ask(poisoned, "C" * n) for n in range(1, 300)))

    async def alone():
        return [await ask(poisoned, "C" * n) for n in range(1, 300)]

    before = poisoned.counts
    many = asyncio.run(together())
    batches = poisoned.counts.batches - before.batches
    assert batches < 100
    assert [a.models["fake"].scores for a in many] == [a.models["fake"].scores for a in asyncio.run(alone())]


def test_a_worker_killed_from_outside_costs_nothing():
    pool = pool_of("load_slow")
    model_pid = pool._model._process.pid

    async def asked():
        questions = [asyncio.create_task(ask(pool, *["CC" * n] * 20)) for n in range(1, 30)]
        for _ in range(4):
            await asyncio.sleep(0.1)
            for pid in _children(model_pid)[:1]:
                os.kill(pid, signal.SIGKILL)
        return await asyncio.gather(*questions)

    answers = asyncio.run(asked())
    assert all(np.isfinite(np.frombuffer(answer.models["fake"].scores, np.float32)).all() for answer in answers)
    assert pool.counts.replaced >= 1
    pool.close()


def test_the_process_that_holds_the_models_may_be_killed_or_replaced():
    pool = pool_of("load", 1)
    first = asyncio.run(ask(pool, "CCO"))
    os.kill(pool._model._process.pid, signal.SIGKILL)
    assert asyncio.run(ask(pool, "CCO")) == first
    pool._distrust("CCO")
    pool._distrust("CCN")
    assert (pool.difference, pool._job.audit_rate) == ("CCO", None)
    assert asyncio.run(ask(pool, "CCO")) == first
    pool.close()


def test_models_that_fail_on_every_molecule_refuse_the_question_and_not_the_next(poisoned):
    answer = asyncio.run(ask(poisoned, "[Th]", "[Th]C"))
    assert isinstance(answer, Refused)
    assert answer.is_fault
    assert "thorium is too heavy" in answer.message
    assert not reasons(asyncio.run(ask(poisoned, "C")))


def test_what_is_asked_after_the_end_is_refused():
    pool = pool_of("load", 1)
    pool.close()
    assert not pool.is_alive
    with pytest.raises(InputError, match="no loader"):
        pool_of("nothing")


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]
