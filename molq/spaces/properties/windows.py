"""Bounds on properties as intervals that sums of terms are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.selection.conditions import Condition, conditions
from molq.errors import InputError, UnsupportedError
from molq.spaces.properties.property_terms import SUMS, TOLERANCE

_REAL = {"mol_weight", "logp", "tpsa"}
"""the others are whole numbers"""
_MARGIN = 10 * TOLERANCE
"""for sums in single precision"""


class Windows(NamedTuple):
    """What a product must meet: each of m properties lies within ``low`` [m] and ``high`` [m].

    The intervals are wider than the ``conditions`` by what terms of real numbers may be rounded, so that none is lost;
    what lies within is held against ``is_met`` of the conditions afterwards.
    """

    conditions: tuple[Condition, ...]
    names: tuple[str, ...]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def windows(text: str, parameter: str = "where") -> Windows:
    """The intervals of ``mw<500 and tpsa<120``.

    Raises InputError for a text that says no finite bounds, or bounds that nothing meets, and UnsupportedError for a
    property that is no sum of terms and for ``!=``.
    """
    asked = conditions(text, parameter)
    names = tuple(dict.fromkeys(one.name for one in asked))
    low, high = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    for one in asked:
        if one.name not in SUMS:
            raise UnsupportedError(
                f"`{parameter}` {text[:60]!r}: {one.name} is no sum over the atoms of a product; those that are:"
                f" {', '.join(SUMS)}"
            )
        at = names.index(one.name)
        bottom, top = _interval(one, text, parameter)
        low[at], high[at] = max(low[at], bottom), min(high[at], top)
        if low[at] > high[at]:
            raise InputError(f"`{parameter}` {text[:60]!r}: no molecule meets every bound on {one.name}")
    return Windows(asked, names, low, high)


def meeting(asked: Sequence[Condition], properties: dict[str, float]) -> bool:
    """Whether a molecule of these properties meets every condition."""
    return all(one.is_met(properties) for one in asked)


def _interval(one: Condition, text: str, parameter: str) -> tuple[float, float]:
    if one.comparison == "!=":
        raise UnsupportedError(f"`{parameter}` {text[:60]!r}: != is no interval; use < and >")
    bound = one.bound
    if not math.isfinite(bound):
        raise InputError(f"`{parameter}` {text[:60]!r}: the bound on {one.name} must be a finite number")
    if one.name in _REAL:
        bottom, top = bound - _MARGIN, bound + _MARGIN
    elif one.comparison == "=":
        bottom, top = math.ceil(bound) - 0.4, math.floor(bound) + 0.4
    else:
        bottom = (math.floor(bound) if one.comparison == ">" else math.ceil(bound) - 1) + 0.5
        top = (math.ceil(bound) if one.comparison == "<" else math.floor(bound) + 1) - 0.5
    if one.comparison == "=":
        return bottom, top
    return (-math.inf, top) if one.comparison in ("<", "<=") else (bottom, math.inf)
