"""Choosing one of several options for every layer: what the fewest bytes buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from molq.results.mixed import LayerOption

MAX_POINTS = 4_000


class Mix(NamedTuple):
    """A scheme for every layer."""

    n_bytes: int
    error: float
    """predicted"""
    schemes: tuple[str, ...]
    """names, in the order of the layers"""


def pareto_front(layers: Mapping[str, Sequence[LayerOption]]) -> list[Mix]:
    """The mixes that no other beats in both bytes and error, the smallest first.

    Exact while fewer than MAX_POINTS partial mixes are undominated; beyond that they are thinned evenly.
    """
    front = [Mix(0, 0.0, ())]
    for options in layers.values():
        grown = [
            Mix(mix.n_bytes + o.n_bytes, mix.error + o.error, (*mix.schemes, o.name)) for mix in front for o in options
        ]
        front = _thinned(undominated(grown))
    return front


def undominated(mixes: Sequence[Mix]) -> list[Mix]:
    """Mixes that no other is at least as small and as accurate as, the smallest first."""
    kept: list[Mix] = []
    for mix in sorted(mixes):
        if not kept or mix.error < kept[-1].error:
            kept.append(mix)
    return kept


def _thinned(front: list[Mix]) -> list[Mix]:
    if len(front) <= MAX_POINTS:
        return front
    last = len(front) - 1
    return [front[round(i * last / (MAX_POINTS - 1))] for i in range(MAX_POINTS)]
