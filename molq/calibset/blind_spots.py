"""What a verdict on a set of some size cannot see, by trials with sets that were wrong in part.

``detection.csv`` beside this file is what ``python bench/partial_power.py`` counted; docs/validation.md shows it whole.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from molq.results.validation import BlindSpot

NONE, FOREIGN, HEAVIEST = "none", "foreign", "heaviest tenth absent"
_HALF = 0.5


class Detection(NamedTuple):
    """Sets of one size that were wrong in one way, and how many of them a verdict found."""

    library: str
    fault: str
    """``none``, ``foreign``, or what of the library is absent"""
    other: str
    """where foreign molecules come from, "" where there are none"""
    share: float
    """of the set that is foreign, or of the library that is absent"""
    size: int
    trials: int
    found: int
    """called marginal or worse"""
    failed: int
    """called not representative"""


@cache
def measured() -> tuple[Detection, ...]:
    """The trials that molq knows of."""
    text = files("molq.calibset").joinpath("detection.csv").read_text(encoding="utf-8")
    types = (str, str, str, float, int, int, int, int)
    rows = list(csv.reader(text.splitlines()))[1:]
    return tuple(Detection(*(make(cell) for make, cell in zip(types, row, strict=True))) for row in rows)


def blind_spot(size: int, trials: Sequence[Detection] | None = None) -> BlindSpot:
    """What sets of ``size`` molecules can hide: between sizes tried by their logarithms, beyond them as at the ends.

    For every pair of libraries, the share of foreign molecules that is found in half of the sets, from the straight
    lines between the shares tried; where even the largest share is found less often, that share.
    """
    rows = measured() if trials is None else tuple(trials)
    foreign = [row for row in rows if row.fault == FOREIGN]
    pairs = sorted({(row.library, row.other) for row in foreign})
    hidden = [_at(size, _hidden_by_size(pair, rows)) for pair in pairs]
    heavy = [
        _at(size, {row.size: row.found / row.trials for row in rows if (row.library, row.fault) == (library, HEAVIEST)})
        for library in sorted({row.library for row in rows})
    ]
    sizes = [row.size for row in foreign]
    return BlindSpot(
        size=size,
        foreign_low=min(hidden),
        foreign_high=max(hidden),
        is_lower_bound=any(_at(size, _missed_by_size(pair, rows)) > 0 for pair in pairs),
        heaviest_found_low=min(heavy),
        heaviest_found_high=max(heavy),
        libraries=tuple(sorted({row.library for row in rows})),
        trials=min(row.trials for row in rows),
        least_size=min(sizes),
        largest_size=max(sizes),
    )


def _hidden_by_size(pair: tuple[str, str], rows: Sequence[Detection]) -> dict[int, float]:
    """Size → share of foreign molecules that is found half of the time."""
    found: dict[int, list[tuple[float, float]]] = {}
    for row in rows:
        if row.library == pair[0] and (row.fault == NONE or (row.fault == FOREIGN and row.other == pair[1])):
            found.setdefault(row.size, []).append((row.share, row.found / row.trials))
    return {size: _crossing(sorted(points)) for size, points in found.items()}


def _missed_by_size(pair: tuple[str, str], rows: Sequence[Detection]) -> dict[int, float]:
    """Size → 1 where no share that was tried is found half of the time, else 0."""
    found: dict[int, list[float]] = {}
    for row in rows:
        if (row.library, row.fault, row.other) == (pair[0], FOREIGN, pair[1]):
            found.setdefault(row.size, []).append(row.found / row.trials)
    return {size: float(max(shares) < _HALF) for size, shares in found.items()}


def _crossing(points: Sequence[tuple[float, float]]) -> float:
    """The share at which the lines between the points first reach a half; the last share where they never do."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if y1 >= _HALF:
            return x0 + (x1 - x0) * (_HALF - y0) / (y1 - y0) if y0 < _HALF else x0
    return points[-1][0]


def _at(size: int, by_size: dict[int, float]) -> float:
    sizes = sorted(by_size)
    return float(np.interp(math.log(size), np.log(sizes), [by_size[n] for n in sizes]))
