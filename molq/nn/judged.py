"""Which of a network's scores are held against labels, and in what form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.columns import Column
from molq.errors import InputError
from molq.nn.ensemble import Network

Spread = Literal["std", "interval"]
"""what a model states of its error: a standard deviation, or half the way between two quantiles"""


class Judged(NamedTuple):
    """Predictions [n, J], and the spreads [n, J] that the model states of them, if it does."""

    values: NDArray[np.float32]
    spreads: NDArray[np.float32] | None = None
    stated: Spread | None = None

    @property
    def pairs(self) -> NDArray[np.float32]:
        """[n, J, 2] values and spreads."""
        assert self.spreads is not None
        return np.stack([self.values, self.spreads], axis=2)


class Judge(NamedTuple):
    """The J predictions of some tasks of a network."""

    kind: str
    """classification or regression; the classes of a multiclass task are each told from the others"""
    names: tuple[str, ...]
    """of the predictions"""
    spread: Spread | None
    places: tuple[int, ...]
    """of the predictions among the scores"""
    spread_places: tuple[int, ...]
    tasks: tuple[str, ...]
    n_classes: int | None

    def labels(self, labels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Labels [n, J] of labels [n, T], NaN where missing; 0 or 1 for each class of a multiclass task.

        Raises InputError for a class that the model does not know.
        """
        if self.n_classes is None:
            return labels
        for task, found in zip(self.tasks, np.nan_to_num(labels, nan=0).max(axis=0, initial=0), strict=True):
            if found >= self.n_classes:
                raise InputError(
                    f"task {task!r} has a label {found:g}, and the model tells {self.n_classes} classes apart, 0 to "
                    f"{self.n_classes - 1}"
                )
        is_class = labels[:, :, None] == np.arange(self.n_classes)
        one_hot = np.where(np.isnan(labels)[:, :, None], np.nan, is_class).astype(np.float32)
        return one_hot.reshape(len(labels), -1)

    def scores(self, scores: NDArray[np.float32]) -> Judged:
        """Of scores [n, C]."""
        values = scores[:, self.places]
        if self.spread is None:
            return Judged(values)
        stated = scores[:, self.spread_places]
        return Judged(values, stated if self.spread == "std" else stated - values, self.spread)


def judge(network: Network, tasks: Sequence[str] | None = None) -> Judge:
    """Of those tasks, by default all; the network has them."""
    names = tuple(network.tasks if tasks is None else tasks)
    columns = network.columns
    ordered = [i for task in names for i, column in enumerate(columns) if column.task == task]
    places = tuple(i for i in ordered if columns[i].is_prediction)
    stated = tuple(i for i in ordered if columns[i].part in ("std", "upper"))
    return Judge(
        kind="classification" if network.kind == "multiclass" else network.kind,
        names=tuple(columns[i].name for i in places),
        spread=_spread([columns[i] for i in stated]),
        places=places,
        spread_places=stated,
        tasks=names,
        n_classes=network.outputs.n_classes,
    )


def _spread(stated: Sequence[Column]) -> Spread | None:
    if not stated:
        return None
    return "std" if stated[0].part == "std" else "interval"
