"""MaxMin sampling: the most diverse molecules of the pool."""

from __future__ import annotations

import numpy as np

from molq.calibset.population import Population
from molq.calibset.strategy import Choice
from molq.chem.selection.diversity import pick_diverse


def choose_by_maxmin(pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
    """Molecules each as far as can be, by Tanimoto distance, from those before it; the library plays no part."""
    candidates = pool.distinct
    picked = pick_diverse([pool.smiles[i] for i in candidates], size, seed=int(rng.integers(2**31)))
    return Choice(candidates[picked])
