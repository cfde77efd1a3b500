"""What all routes work with: the models that are served, their workers, and how much may be asked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TypeVar

from molq.server.limits import Limits
from molq.server.metrics import Metrics
from molq.server.pool.questions import Answer, Describe, Described, ModelDescription, Question, Refused
from molq.server.pool.waiting import BusyError
from molq.server.pool.workers import WorkerPool
from molq.server.reference import ReferenceScores
from molq.server.refusal import Refusal

T = TypeVar("T")


@dataclass
class Service:
    """A server as its routes see it."""

    pool: WorkerPool
    limits: Limits
    metrics: Metrics = field(default_factory=Metrics)
    models: dict[str, ModelDescription] = field(default_factory=dict)
    """by the names under which they are served, in order; filled at the start"""
    reference: ReferenceScores = field(default_factory=ReferenceScores)
    started: float = field(default_factory=time.time)

    async def learn_models(self) -> None:
        """Ask the workers what they serve."""
        described = await self.ask(Describe(), Described)
        self.models = {model.name: model for model in described.models}

    async def ask(self, question: Question, kind: type[T], *, background: bool = False) -> T:
        """The answer of the workers. Raises Refusal when they are busy, or refuse the question."""
        try:
            answer: Answer = await self.pool.ask(question, background=background)
        except BusyError:
            raise Refusal(
                503,
                "more molecules wait than the server holds; ask again in some seconds",
                headers={"Retry-After": "5"},
            ) from None
        if isinstance(answer, Refused):
            raise Refusal(503 if answer.is_fault else 422, answer.message)
        assert isinstance(answer, kind)
        return answer

    def refuse_unranked(self) -> None:
        """Returns once scores can be placed among those of the reference library. Raises Refusal (503) before."""
        if not self.reference.is_ready:
            raise Refusal(
                503, "the reference library is still being scored; ask again in a moment", headers={"Retry-After": "2"}
            )

    def chosen(self, names: list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
        """The models asked for, all where none is named. Raises Refusal for one that is not served."""
        if not names:
            return tuple(self.models)
        for name in names:
            if name not in self.models:
                raise Refusal(422, f"no model {name[:100]!r} is served; there are {', '.join(self.models)}")
        return tuple(dict.fromkeys(names))
