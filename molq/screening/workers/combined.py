"""Several models as one scorer: molecules are parsed once, columns stand side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.chem.recipe import PLAIN
from molq.errors import InputError
from molq.screening.scored import Scorer


class CombinedScorer:
    """The columns of all scorers, in order."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers
        self.recipe = scorers[0].recipe if scorers else PLAIN
        self.columns = tuple(column for scorer in scorers for column in scorer.columns)

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        return np.concatenate([scorer.scores(graphs) for scorer in self._scorers], axis=1)


def combined(scorers: Sequence[Scorer]) -> Scorer:
    """One scorer for all. Raises InputError when two have a task or a column of the same name, or other recipes."""
    if len(scorers) == 1:
        return scorers[0]
    names = [name for scorer in scorers for name in {name for c in scorer.columns for name in (c.task, c.name)}]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"two models have a task {repeated[0]!r}; screen with one of them at a time")
    scorer = CombinedScorer(scorers)
    for other in scorers:
        if other.recipe != scorer.recipe:
            first, second = (one.recipe.in_words or "plain graphs" for one in (scorer, other))
            raise InputError(
                f"two models take other graphs of a molecule ({first}; {second}); screen with one of them at a time"
            )
    return scorer
