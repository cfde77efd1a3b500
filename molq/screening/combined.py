"""Several models as one scorer: their columns stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.chem.recipe import PLAIN
from molq.columns import Columns
from molq.errors import InputError
from molq.screening.scored import Scorer


class CombinedScorer:
    """The columns of all scorers, in order; all take the same graphs, which are made once."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers
        self.recipe = scorers[0].recipe if scorers else PLAIN
        self.columns = tuple(column for scorer in scorers for column in scorer.columns)

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        return np.concatenate([scorer.scores(graphs) for scorer in self._scorers], axis=1)


class SideBySide(NamedTuple):
    """Scorers of which neighbours take other graphs of a molecule."""

    parts: tuple[Scorer, ...]

    @property
    def columns(self) -> Columns:
        return tuple(column for part in self.parts for column in part.columns)


def combined(scorers: Sequence[Scorer]) -> Scorer | SideBySide:
    """One scorer for all. Raises InputError when two have a task or a column of the same name."""
    if len(scorers) == 1:
        return scorers[0]
    names = [name for scorer in scorers for name in {name for c in scorer.columns for name in (c.task, c.name)}]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"two models have a task {repeated[0]!r}; screen with one of them at a time")
    parts = tuple(CombinedScorer(list(group)) for _, group in groupby(scorers, lambda scorer: scorer.recipe))
    return SideBySide(parts) if len(parts) > 1 else CombinedScorer(scorers)
