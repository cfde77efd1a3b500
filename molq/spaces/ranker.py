"""What products are ranked by: a height that rises with how good they are, added up of terms or given by the engine."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.columns import Column, Columns, chosen
from molq.engine.engine import Engine
from molq.errors import InputError
from molq.nn.ensemble import Network
from molq.spaces.additive import Additive, Unit, leading_logit, line_of
from molq.spaces.expression import weights
from molq.spaces.terms import F32

F64 = NDArray[np.float64]


class Ranked(NamedTuple):
    """A sum of columns of scores, each times a number, and a constant."""

    name: str
    places: tuple[int, ...]
    """of the columns"""
    weights: tuple[float, ...]
    constant: float = 0.0
    is_column: bool = True
    """whether it is a column as it stands"""

    def of(self, scores: NDArray[np.floating]) -> F64:
        """[n] of scores [n, C], with the same bits in any batch."""
        return self.varying(scores) + self.constant

    def varying(self, scores: NDArray[np.floating]) -> F64:
        """[n], without the constant."""
        total = np.zeros(len(scores))
        for place, weight in zip(self.places, self.weights, strict=True):
            total += weight * scores[:, place].astype(np.float64)
        return total


class Ranker:
    """Ranks products by one column of a network, or by ``score``, a sum of them such as ``bace - 0.5*herg``.

    Heights are the logit behind a column where there is a single one, else what ranks, without its constant. Raises
    UnsupportedError for a network that is no sum over atoms, and as ``ranked_by`` does.
    """

    def __init__(
        self, network: Network, task: str | None = None, *, lowest: bool = False, score: str | None = None
    ) -> None:
        self.network, self.additive = network, Additive(network)
        self.by = ranked_by(network.columns, task, score)
        self.sign = -1.0 if lowest else 1.0
        self._of_logits: dict[int, float] = {}
        self._start = 0.0
        """heights are logits by these weights, and this; scores where there are none"""
        self._engine: Engine | None = None
        columns = [network.columns[place] for place in self.by.places]
        logit = leading_logit(network, columns[0]) if len(columns) == 1 else None
        lines = [line_of(network, column) for column in columns]
        self._logit = logit
        if logit is not None:
            self._of_logits = {logit: self.sign * float(np.sign(self.by.weights[0]))}
        elif None not in lines:
            for line, weight in zip(lines, self.by.weights, strict=True):
                assert line is not None
                self._of_logits[line.logit] = self.sign * weight * line.slope
                self._start += self.sign * weight * line.start

    @property
    def in_logits(self) -> bool:
        """Whether heights are logits."""
        return self._logit is not None

    @property
    def unit(self) -> Unit | None:
        """The short way to a height."""
        found = self.additive.unit(self._of_logits) if self._of_logits else None
        return None if found is None else found._replace(bias=found.bias + self._start)

    def added_up(self, sums: F32, n_atoms: NDArray[np.integer]) -> F64:
        """Heights [n] of sums of terms [n, width] over products of so many atoms [n]."""
        hidden = self.additive.hidden(sums, n_atoms)
        if not self._of_logits:
            return self.sign * self.by.varying(self.additive.scores(hidden))
        return self._start + self._from_logits(self.additive.logits(hidden)[0])

    def executed(self, graphs: PackedGraphs) -> Executed:
        """What the engine says."""
        if self._engine is None:
            self._engine = Engine(self.network)
        scores = self._engine.scores(graphs)
        if self._logit is None:
            return Executed(scores, self.sign * self.by.varying(scores))
        return Executed(scores, self._from_logits(self._engine.logits(graphs)))

    def value_at(self, height: float) -> float:
        """What ranks, of products of this height."""
        if self._logit is None:
            return self.sign * height + self.by.constant
        (member,) = self.network.members
        logits = np.zeros((1, member.config.n_logits), np.float32)
        logits[0, self._logit] = height * self._of_logits[self._logit]
        return float(self.by.of(self.additive.scores_of_logits(logits))[0])

    def _from_logits(self, logits: F32) -> F64:
        total = np.zeros(len(logits))
        for logit, weight in self._of_logits.items():
            total += weight * logits[:, logit].astype(np.float64)
        return total


class Executed(NamedTuple):
    """Of n products."""

    scores: F32
    """[n, C]"""
    heights: F64
    """[n]"""


def ranked_by(columns: Columns, task: str | None, score: str | None) -> Ranked:
    """What products are ranked by: a prediction, or a sum of any columns.

    Raises InputError where ``task`` names no single prediction, ``score`` is no expression of columns, or both are
    given, and UnsupportedError for an expression that is no sum of columns, each times a number.
    """
    if score is None:
        column = chosen_column(columns, task)
        return Ranked(column.name, (columns.index(column),), (1.0,))
    if task is not None:
        raise InputError("`task` and `score` both say what products are ranked by; give one of them")
    names = [column.name for column in columns]
    text = score.strip()
    if text in names:
        return Ranked(text, (names.index(text),), (1.0,))
    found = weights(text, names)
    places = tuple(names.index(name) for name in found.of)
    return Ranked(text, places, tuple(found.of.values()), found.constant, is_column=False)


def chosen_column(columns: Columns, task: str | None) -> Column:
    """The prediction that products are ranked by. Raises InputError where ``task`` names none, or not a single one."""
    places = chosen(columns, None if task is None else [task])
    predictions = [columns[at] for at in places if columns[at].is_prediction]
    if len(predictions) == 1:
        return predictions[0]
    names = ", ".join(column.name for column in predictions[:8])
    if task is None:
        raise InputError(
            f"`task` must say what products are ranked by, or `score` a sum of scores: the model predicts {names}"
        )
    raise InputError(f"`task` {task!r} is {len(predictions)} columns and products are ranked by one: {names}")
