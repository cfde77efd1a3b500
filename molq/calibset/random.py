"""Uniform draws: the plain strategy that the others are compared with."""

from __future__ import annotations

import numpy as np

from molq.calibset.population import Population
from molq.calibset.strategy import Choice


def choose_random(pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
    """Distinct molecules of the pool, all equally likely; the library plays no part."""
    return Choice(rng.choice(pool.distinct, size, replace=False))
