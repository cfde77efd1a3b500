"""Labels as a network learns them: scaled, with a mask over the gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from molq.data.labels import LabelledSet
from molq.errors import InputError

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Targets:
    """Labels of n molecules for T tasks."""

    values: Tensor
    """[n, T] labels, or standardized labels of a regression; 0 where missing"""
    known: Tensor
    """[n, T] 1 where a label is known, else 0"""
    mean: Tensor
    """[T], 0 for classification"""
    scale: Tensor
    """[T], 1 for classification"""
    kind: str

    def loss(self, logits: Tensor, mols: Indices) -> Tensor:
        """Mean over the known labels of molecules ``mols`` of cross-entropy, or of squared error in scaled units."""
        total, n = self.loss_sum(logits, mols)
        return total / n

    def loss_sum(self, logits: Tensor, mols: Indices) -> tuple[Tensor, Tensor]:
        """Sum of that loss, and the number of known labels."""
        rows = torch.from_numpy(mols)
        values, known = self.values[rows], self.known[rows]
        one = F.binary_cross_entropy_with_logits if self.kind == "classification" else F.mse_loss
        return (one(logits, values, reduction="none") * known).sum(), known.sum()


def make_targets(dataset: LabelledSet, train: Indices) -> Targets:
    """The labels of ``dataset``, standardized by its rows ``train`` when they are to be regressed.

    Raises InputError when a task has no label in ``train``, or when no task of a classifier has both classes there.
    """
    labels = dataset.labels.astype(np.float64)
    known = ~np.isnan(labels)
    if empty := [task for task, n in zip(dataset.tasks, known[train].sum(axis=0), strict=True) if n == 0]:
        raise InputError(f"no training molecule has a label for {', '.join(empty)}: leave the task out")
    mean, scale = np.zeros(labels.shape[1]), np.ones(labels.shape[1])
    if dataset.kind == "classification":
        if (np.nanmin(labels[train], axis=0) == np.nanmax(labels[train], axis=0)).all():
            raise InputError(f"the training molecules hold one class only of {', '.join(dataset.tasks)}")
    else:
        mean, spread = np.nanmean(labels[train], axis=0), np.nanstd(labels[train], axis=0)
        scale = np.where(spread > 0, spread, 1.0)
    return Targets(
        torch.from_numpy(np.where(known, (labels - mean) / scale, 0.0).astype(np.float32)),
        torch.from_numpy(known.astype(np.float32)),
        torch.from_numpy(mean.astype(np.float32)),
        torch.from_numpy(scale.astype(np.float32)),
        dataset.kind,
    )
