"""What scores molecules, and what rows of a library come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.chem.recipe import Recipe
from molq.columns import Columns, ranked

NO_NUMBER = "the model gives no number for"
"""how the reason begins for which a molecule without a finite score is rejected"""


class Scorer(Protocol):
    """What a worker runs on packed graphs; a molecule's scores must not depend on its batch."""

    @property
    def columns(self) -> Columns: ...

    @property
    def recipe(self) -> Recipe:
        """Of the graphs."""
        ...

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        """[n, C]"""
        ...


class ScoredRows(NamedTuple):
    """Scores of the ``kept`` rows of a chunk, k of them; every other row is in ``rejected``."""

    kept: NDArray[np.int64]
    """[k], rising"""
    scores: NDArray[np.float32]
    """[k, C]"""
    rejected: dict[int, str]
    """row → reason"""
    columns: Columns

    @property
    def predictions(self) -> NDArray[np.float32]:
        """[k, R] of the scores, the columns that rows are ranked by."""
        places = ranked(self.columns)
        return self.scores if len(places) == len(self.columns) else self.scores[:, places]


def beside(parts: Sequence[ScoredRows]) -> ScoredRows:
    """The same rows scored by several, side by side: kept are those that all kept, the first reason counts."""
    kept = parts[0].kept
    for part in parts[1:]:
        kept = np.intersect1d(kept, part.kept, assume_unique=True)
    scores = [part.scores[np.searchsorted(part.kept, kept)] for part in parts]
    rejected = {row: reason for part in reversed(parts) for row, reason in part.rejected.items()}
    return ScoredRows(
        kept, np.concatenate(scores, axis=1), rejected, tuple(column for part in parts for column in part.columns)
    )
