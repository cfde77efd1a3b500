"""What scores molecules, and what rows of a library come to."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.chem.recipe import Recipe

NO_NUMBER = "the model gives no number for"
"""how the reason begins for which a molecule without a finite score is rejected"""


class Scorer(Protocol):
    """What a worker runs on packed graphs; a molecule's scores must not depend on its batch."""

    @property
    def tasks(self) -> tuple[str, ...]: ...

    @property
    def recipe(self) -> Recipe:
        """Of the graphs."""
        ...

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        """[n, T]"""
        ...


class ScoredRows(NamedTuple):
    """Scores of the ``kept`` rows of a chunk, k of them; every other row is in ``rejected``."""

    kept: NDArray[np.int64]
    """[k], rising"""
    scores: NDArray[np.float32]
    """[k, T]"""
    rejected: dict[int, str]
    """row → reason"""
