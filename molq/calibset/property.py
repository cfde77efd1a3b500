"""Property matching: draws whose property and element marginals follow the library's."""

from __future__ import annotations

import numpy as np

from molq.calibset.matching import Marginals, match
from molq.calibset.population import Population
from molq.calibset.strategy import Choice

_CANDIDATES_PER_PLACE = 4


def choose_by_property(pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
    """Molecules matched to the quantiles of the library's properties, whatever their scaffolds."""
    n_candidates = min(len(pool.distinct), _CANDIDATES_PER_PLACE * size)
    candidates = np.sort(rng.choice(pool.distinct, n_candidates, replace=False))
    marginals = Marginals(library, int(rng.integers(2**31)))
    rows = marginals.rows(pool.subset(candidates))
    found = match(rows, marginals.target, np.zeros(n_candidates, np.int64), np.array([size]))
    return Choice(candidates[found], {"candidates": float(n_candidates)})
