"""Which molecules each step learns from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.errors import InputError, UnsupportedError

Indices = NDArray[np.int64]


def labelled_rows(dataset: LabelledSet, rows: Indices) -> Indices:
    """Those of ``rows`` that have a label of any task."""
    known: Indices = rows[~np.isnan(dataset.labels[rows]).all(axis=1)]
    return known


def epoch_rows(rows: Indices, rng: np.random.Generator) -> Indices:
    """All ``rows`` in a random order."""
    return rng.permutation(rows)


def balanced_rows(dataset: LabelledSet, rows: Indices, rng: np.random.Generator) -> Indices:
    """Actives and inactives of ``rows`` in turn, each in a random order, as many of each as the rarer class has.

    Raises UnsupportedError unless ``dataset`` is one classification task, InputError when a class is absent.
    """
    if dataset.kind != "classification" or len(dataset.tasks) != 1:
        raise UnsupportedError(
            f"class balance is for one classification task, not {dataset.kind} of {len(dataset.tasks)}"
        )
    labels = dataset.labels[rows, 0]
    actives, inactives = rng.permutation(rows[labels == 1]), rng.permutation(rows[labels == 0])
    n = min(len(actives), len(inactives))
    if n == 0:
        raise InputError(f"class balance needs both classes of {dataset.tasks[0]} among the training molecules")
    return np.column_stack([actives[:n], inactives[:n]]).reshape(-1)


def cut(rows: Indices, batch_size: int) -> list[Indices]:
    """Batches of ``batch_size`` rows; a last one of a single row joins the one before, for batch norms need two."""
    stops = list(range(batch_size, len(rows), batch_size))
    if stops and batch_size > 1 and len(rows) - stops[-1] == 1:
        stops.pop()
    return np.split(rows, stops)
