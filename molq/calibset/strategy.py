"""What every way of choosing a calibration set has in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from molq.calibset.population import Population


@dataclass(frozen=True)
class Choice:
    """The molecules chosen, best prefix first, and what the strategy has to say about them."""

    index: NDArray[np.int64]
    """[size] places in the pool"""
    notes: dict[str, float] = field(default_factory=dict)


class Strategy(Protocol):
    """A way of choosing molecules from a pool so that they stand for a library."""

    def __call__(self, pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
        """``size`` distinct molecules of the pool; ``pool.distinct`` holds at least that many."""
        ...
