"""Exact proportional allocation of a number of places to strata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def allocate(counts: Sequence[int] | NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Places [k] for strata of the given ``counts`` [k], in proportion, adding up to ``total`` exactly.

    Largest remainders (Hamilton's method), so every stratum with at least 1/total of the population gets a place.
    Equal remainders go to the larger stratum, then to the earlier one.
    """
    weights = np.asarray(counts, np.int64)
    population = int(weights.sum())
    if total and not population:
        raise ValueError("nothing to allocate places to: all strata are empty")
    whole, remainder = np.divmod(weights * total, max(population, 1))
    order = np.lexsort((np.arange(len(weights)), -weights, -remainder))
    whole[order[: total - int(whole.sum())]] += 1
    return whole
