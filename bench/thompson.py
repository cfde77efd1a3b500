"""Thompson sampling over the synthons of a reaction: a short implementation after Klarich et al., JCIM 2024, 64, 1158.

Every synthon has a normal belief about the scores of its products. Each is seen a few times with random partners first;
then in every turn a value is drawn from each belief, the synthons of the largest draws are joined, and the score of the
product moves their beliefs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from molq.spaces.space import Combination, Reaction

_WARM_UP = 3
"""products of each synthon before choices are made"""
_BATCH = 64
"""products that are chosen before beliefs move"""

Scored = Callable[[Sequence[Combination]], NDArray[np.float64]]


def thompson_sampling(reaction: Reaction, scored: Scored, budget: int, seed: int = 0) -> dict[tuple[int, ...], float]:
    """The products looked at, ``budget`` at most, with their scores; by the places of their synthons."""
    random = np.random.default_rng(seed)
    sizes = [len(own) for own in reaction.positions]
    seen: dict[tuple[int, ...], float] = {}
    _look(reaction, scored, _warm_up(sizes, random, budget), seen)
    mean, precision, noise = _beliefs(sizes, seen)
    while len(seen) < budget:
        drawn = [
            random.normal(m, 1 / np.sqrt(p), (_BATCH, len(m))).argmax(axis=1)
            for m, p in zip(mean, precision, strict=True)
        ]
        before = len(seen)
        chosen = list(dict.fromkeys(choice for choice in zip(*(own.tolist() for own in drawn), strict=True)))
        new = [choice for choice in chosen if choice not in seen][: budget - before]
        if not new:
            new = [tuple(int(random.integers(n)) for n in sizes)]
        _look(reaction, scored, new, seen)
        for choice in new:
            for position, at in enumerate(choice):
                own = precision[position]
                mean[position][at] = (mean[position][at] * own[at] + seen[choice] / noise) / (own[at] + 1 / noise)
                own[at] += 1 / noise
    return seen


def _warm_up(sizes: Sequence[int], random: np.random.Generator, budget: int) -> list[tuple[int, ...]]:
    found = []
    for position, n in enumerate(sizes):
        for at in range(n):
            for _ in range(_WARM_UP):
                choice = [int(random.integers(k)) for k in sizes]
                choice[position] = at
                found.append(tuple(choice))
    random.shuffle(found)
    return list(dict.fromkeys(map(tuple, found)))[:budget]


def _beliefs(
    sizes: Sequence[int], seen: dict[tuple[int, ...], float]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]], float]:
    """Of each position means and precisions after the warm-up, from the prior that all products together give."""
    scores = np.array(list(seen.values()))
    noise = float(scores.var()) or 1.0
    mean, precision = [], []
    for position, n in enumerate(sizes):
        total, count = np.zeros(n), np.zeros(n)
        for choice, score in seen.items():
            total[choice[position]] += score
            count[choice[position]] += 1
        mean.append((scores.mean() / noise + total / noise) / (1 / noise + count / noise))
        precision.append((1 + count) / noise)
    return mean, precision, noise


def _look(
    reaction: Reaction,
    scored: Scored,
    choices: Sequence[tuple[int, ...]],
    seen: dict[tuple[int, ...], float],
) -> None:
    combinations = [
        Combination(reaction.id, tuple(own[at] for own, at in zip(reaction.positions, choice, strict=True)))
        for choice in choices
    ]
    seen.update(zip(choices, scored(combinations).tolist(), strict=True))
