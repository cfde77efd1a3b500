"""Several models as one scorer: molecules are parsed once, tasks stand side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.chem.recipe import PLAIN
from molq.errors import InputError
from molq.screening.scored import Scorer


class CombinedScorer:
    """The tasks of all scorers, in order."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers
        self.recipe = scorers[0].recipe if scorers else PLAIN
        self.tasks = tuple(task for scorer in scorers for task in scorer.tasks)

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        return np.concatenate([scorer.scores(graphs) for scorer in self._scorers], axis=1)


def combined(scorers: Sequence[Scorer]) -> Scorer:
    """One scorer for all. Raises InputError when two have a task of the same name, or other recipes."""
    if len(scorers) == 1:
        return scorers[0]
    scorer = CombinedScorer(scorers)
    if repeated := sorted({task for task in scorer.tasks if scorer.tasks.count(task) > 1}):
        raise InputError(f"two models have a task {repeated[0]!r}; screen with one of them at a time")
    for other in scorers:
        if other.recipe != scorer.recipe:
            first, second = (one.recipe.in_words or "plain graphs" for one in (scorer, other))
            raise InputError(
                f"two models take other graphs of a molecule ({first}; {second}); screen with one of them at a time"
            )
    return scorer
