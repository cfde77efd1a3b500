from __future__ import annotations

import asyncio

import pytest

from molq.server.limits import Limits
from molq.server.pool.questions import Describe, Described, Refused
from molq.server.pool.waiting import BusyError
from molq.server.refusal import Refusal
from molq.server.service import Service


class Pool:
    def __init__(self, answer):
        self.answer = answer

    async def ask(self, question, *, background=False):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def status(answer) -> int:
    with pytest.raises(Refusal) as refused:
        asyncio.run(Service(Pool(answer), Limits()).ask(Describe(), Described))  # type: ignore[arg-type]
    return refused.value.status


def test_what_workers_refuse_has_a_status():
    assert status(BusyError()) == 503
    assert status(Refused("no")) == 422
    assert status(Refused("no", is_fault=True)) == 503


def test_models_are_chosen_by_name(client, service):
    assert service.chosen(None) == service.chosen([]) == ("bace-dmpnn", "esol-dmpnn")
    assert service.chosen(["esol-dmpnn", "esol-dmpnn"]) == ("esol-dmpnn",)
    with pytest.raises(Refusal, match="there are bace-dmpnn, esol-dmpnn"):
        service.chosen(["x"])


def test_scores_are_not_ranked_before_the_reference_is(service):
    with pytest.raises(Refusal) as refused:
        Service(service.pool, Limits()).refuse_unranked()
    assert refused.value.status == 503
    assert refused.value.headers == {"Retry-After": "2"}
