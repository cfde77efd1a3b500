"""Choosing one of several options for every item: what the fewest bytes buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

MAX_POINTS = 4_000


class Option(NamedTuple):
    """One way to store a layer."""

    name: str
    n_bytes: int
    error: float
    """what it adds to the error of the whole, were errors additive"""


class Plan(NamedTuple):
    """An option for every layer."""

    n_bytes: int
    error: float
    """predicted"""
    options: tuple[str, ...]
    """names, in the order of the layers"""


def pareto_front(layers: Mapping[str, Sequence[Option]]) -> list[Plan]:
    """The plans that no other beats in both bytes and error, the smallest first.

    Exact while fewer than MAX_POINTS partial plans are undominated; beyond that they are thinned evenly.
    """
    front = [Plan(0, 0.0, ())]
    for options in layers.values():
        grown = [
            Plan(plan.n_bytes + o.n_bytes, plan.error + o.error, (*plan.options, o.name))
            for plan in front
            for o in options
        ]
        front = _thinned(undominated(grown))
    return front


def undominated(plans: Sequence[Plan]) -> list[Plan]:
    """Plans that no other is at least as small and as accurate as, the smallest first."""
    kept: list[Plan] = []
    for plan in sorted(plans):
        if not kept or plan.error < kept[-1].error:
            kept.append(plan)
    return kept


def _thinned(front: list[Plan]) -> list[Plan]:
    if len(front) <= MAX_POINTS:
        return front
    last = len(front) - 1
    return [front[round(i * last / (MAX_POINTS - 1))] for i in range(MAX_POINTS)]
