"""What products are ranked by: a height that rises with how good they are, added up of terms or given by the engine."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.columns import Column, chosen
from molq.engine.engine import Engine
from molq.errors import InputError
from molq.nn.ensemble import Network
from molq.spaces.additive import Additive, Unit, leading_logit
from molq.spaces.terms import F32

F64 = NDArray[np.float64]


class Ranker:
    """Ranks products by one column of a network: by the logit behind it where there is a single one, else by itself.

    Raises UnsupportedError for a network that is no sum over atoms, InputError where no column is chosen of several.
    """

    def __init__(self, network: Network, task: str | None = None, *, lowest: bool = False) -> None:
        self.network, self.additive = network, Additive(network)
        self.column = chosen_column(network, task)
        self.sign = -1.0 if lowest else 1.0
        self._place = network.columns.index(self.column)
        self._logit = leading_logit(network, self.column)
        self._engine: Engine | None = None

    @property
    def in_logits(self) -> bool:
        """Whether heights are logits."""
        return self._logit is not None

    @property
    def unit(self) -> Unit | None:
        """The short way to a height, turned as it is."""
        found = self.additive.unit(self.column)
        if found is None or self.sign > 0:
            return found
        return found._replace(weight=-found.weight, bias=-found.bias)

    def added_up(self, sums: F32, n_atoms: NDArray[np.integer]) -> F64:
        """Heights [n] of sums of terms [n, width] over products of so many atoms [n]."""
        hidden = self.additive.hidden(sums, n_atoms)
        if self._logit is not None:
            return self.sign * self.additive.logits(hidden)[0][:, self._logit].astype(np.float64)
        return self.sign * self.additive.scores(hidden)[:, self._place].astype(np.float64)

    def executed(self, graphs: PackedGraphs) -> Executed:
        """What the engine says."""
        if self._engine is None:
            self._engine = Engine(self.network)
        scores = self._engine.scores(graphs)
        if self._logit is None:
            return Executed(scores, self.sign * scores[:, self._place].astype(np.float64))
        return Executed(scores, self.sign * self._engine.logits(graphs)[:, self._logit].astype(np.float64))


class Executed(NamedTuple):
    """Of n products."""

    scores: F32
    """[n, C]"""
    heights: F64
    """[n]"""


def chosen_column(network: Network, task: str | None) -> Column:
    """The prediction that products are ranked by. Raises InputError where ``task`` names none, or not a single one."""
    places = chosen(network.columns, None if task is None else [task])
    predictions = [network.columns[at] for at in places if network.columns[at].is_prediction]
    if len(predictions) == 1:
        return predictions[0]
    names = ", ".join(column.name for column in predictions[:8])
    if task is None:
        raise InputError(f"`task` must say what products are ranked by: the model predicts {names}")
    raise InputError(f"`task` {task!r} is {len(predictions)} columns and products are ranked by one: {names}")
