"""Where a score stands among those of a reference library."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 200_000
"""of a reference library; of a larger one the first so many"""


class ReferenceLibrary(NamedTuple):
    """Molecules that scores are compared with."""

    name: str
    smiles: tuple[str, ...]


class ReferenceScores:
    """Scores of a library by every model, sorted, column by column."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.rows = 0
        self._sorted: dict[str, list[NDArray[np.float32]]] = {}

    @property
    def is_ready(self) -> bool:
        return self.name is not None

    def fill(self, name: str, rows: int, scores: dict[str, NDArray[np.float32]]) -> None:
        """Take the scores float32 [n, C] of each model; NaN where there are none."""
        self._sorted = {
            model: [np.sort(column[np.isfinite(column)]) for column in found.T] for model, found in scores.items()
        }
        self.rows, self.name = rows, name

    def percentiles(self, model: str, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """[n, C] the share of the library, 0 to 100, that scores lower; of equals half. NaN where there is no score."""
        found = np.full(scores.shape, np.nan)
        for i, library in enumerate(self._sorted[model]):
            column = scores[:, i]
            below = np.searchsorted(library, column, "left") + np.searchsorted(library, column, "right")
            if len(library):
                found[:, i] = np.where(np.isfinite(column), 50.0 * below / len(library), np.nan)
        return found
