"""Molecules as a client sends them, and what models say of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.columns import Columns
from molq.results.hits import Belief, Contributions
from molq.server.pool.questions import Score, ScoreAnswer
from molq.server.pool.waiting import BATCH_ROWS
from molq.server.service import Service


@dataclass(frozen=True)
class Molecules:
    """n molecules; those in ``rejected`` could not be read, and their SMILES may be empty."""

    smiles: tuple[str, ...]
    identifiers: tuple[str | None, ...] | None = None
    rejected: dict[int, str] = field(default_factory=dict)
    """row → reason"""
    notes: tuple[str, ...] = ()


class Extras(NamedTuple):
    """What is wanted beside the scores."""

    percentile: bool = False
    belief: bool = False
    contributions: bool = False
    pictures: bool = False


@dataclass(frozen=True)
class ModelAnswer:
    """What one model says of n molecules."""

    columns: Columns
    scores: NDArray[np.float32]
    """[n, C], NaN where there are none"""
    reasons: dict[int, str]
    """row → why there are none"""
    percentiles: NDArray[np.float64] | None = None
    beliefs: list[Belief] | None = None
    contributions: list[dict[str, Contributions]] | None = None


@dataclass(frozen=True)
class Answers:
    """Of all models that were asked."""

    molecules: Molecules
    models: dict[str, ModelAnswer]
    pictures: list[str | None] | None = None


async def answers_to(
    molecules: Molecules, models: tuple[str, ...], extras: Extras, service: Service, *, background: bool = False
) -> Answers:
    """The answers, asked of the workers some hundred molecules at a time. Raises Refusal as ``Service.ask`` does."""
    smiles = molecules.smiles
    rejected = molecules.rejected
    pieces = [smiles[start : start + BATCH_ROWS] for start in range(0, len(smiles), BATCH_ROWS)]
    questions = [
        Score(
            smiles=tuple("" if start * BATCH_ROWS + i in rejected else text for i, text in enumerate(piece))
            if rejected
            else piece,
            models=models,
            belief=extras.belief,
            contributions=extras.contributions,
            pictures=extras.pictures,
        )
        for start, piece in enumerate(pieces)
    ]
    parts = await asyncio.gather(*(service.ask(question, ScoreAnswer, background=background) for question in questions))
    found = {name: _of_model(name, parts, molecules, service, extras) for name in models}
    if not background:
        for name, answer in found.items():
            service.metrics.scored(name, len(smiles) - len(answer.reasons), len(answer.reasons))
    pictures = [svg for part in parts for svg in part.pictures or ()] if extras.pictures else None
    return Answers(molecules, found, pictures)


def _of_model(
    name: str, parts: list[ScoreAnswer], molecules: Molecules, service: Service, extras: Extras
) -> ModelAnswer:
    columns = service.models[name].columns
    found = [part.models[name] for part in parts]
    scores = np.frombuffer(b"".join(part.scores for part in found), np.float32).reshape(-1, len(columns))
    reasons: dict[int, str] = {}
    for i, part in enumerate(found):
        reasons |= {i * BATCH_ROWS + row: reason for row, reason in part.reasons.items()}
    reasons |= molecules.rejected
    return ModelAnswer(
        columns,
        scores,
        dict(sorted(reasons.items())),
        service.reference.percentiles(name, scores) if extras.percentile else None,
        [belief for part in found for belief in part.beliefs or ()] if extras.belief else None,
        [one for part in found for one in part.contributions or ()] if extras.contributions else None,
    )
