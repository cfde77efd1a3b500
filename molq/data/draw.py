"""A seeded draw: the few rows that stand for many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def draw(n_rows: int, size: int, seed: int | Sequence[int] | np.random.Generator) -> NDArray[np.int64]:
    """``size`` of ``n_rows`` places, all equally likely and none twice, ascending; all of them when there are fewer."""
    if n_rows <= size:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(seed).choice(n_rows, size, replace=False))
