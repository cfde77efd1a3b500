"""How well the spread that a model states of its own predictions tells where it errs.

Functions take labels y [n] and scores s [n, 2], a value and its spread; rows whose label is NaN are dropped. They
return nan where the number is undefined (fewer than two rows, no error, one spread for all). No number depends on the
order of the file: rows of equal spread count as one threshold.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molq.errors import InputError
from molq.metrics.ranking import spearman


def error_spearman(y: ArrayLike, s: ArrayLike) -> float:
    """Spearman's correlation of absolute errors and spreads: 1 where the more uncertain is always the more wrong."""
    errors, spreads = _errors(y, s)
    return spearman(errors, spreads)


def sparsification(y: ArrayLike, s: ArrayLike) -> float:
    """Area under the sparsification error curve, over that of a random order: 0 is perfect, 1 as good as chance.

    The curve is the mean absolute error of what is left when the most uncertain molecules are taken out, less that
    when the most wrong are (Ilg et al., ECCV 2018); it is averaged over molecules.
    """
    errors, spreads = _errors(y, s)
    if len(errors) < 2:
        return math.nan
    left, best, chance = _mean_kept(errors, spreads), _mean_kept(errors, errors), float(errors.mean())
    return (left - best) / (chance - best) if chance > best else math.nan


def nll(y: ArrayLike, s: ArrayLike) -> float:
    """Mean negative logarithm of the likelihood of the labels, the spread being a normal standard deviation."""
    labels, values, spreads = _known(y, s)
    return float(np.mean(log_losses(labels, values, spreads))) if len(labels) else math.nan


def log_losses(
    labels: NDArray[np.float64], values: NDArray[np.float64], spreads: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[n] of each row; infinite where the spread is 0."""
    widths = np.where(spreads > 0, spreads, 1.0)
    losses = 0.5 * math.log(2 * math.pi) + np.log(widths) + 0.5 * ((labels - values) / widths) ** 2
    return np.where(spreads > 0, losses, math.inf)


def _mean_kept(errors: NDArray[np.float64], spreads: NDArray[np.float64]) -> float:
    """Mean over rows of the mean error of all rows of no larger spread."""
    order = np.argsort(spreads, kind="stable")
    last = np.searchsorted(spreads[order], spreads[order], side="right")
    return float(np.mean(np.cumsum(errors[order])[last - 1] / last))


def _errors(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    labels, values, spreads = _known(y, s)
    return np.abs(labels - values), spreads


def _known(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    labels, scores = np.asarray(y, np.float64), np.asarray(s, np.float64)
    if labels.ndim != 1 or scores.shape != (len(labels), 2):
        raise InputError(f"labels {labels.shape} want scores [{len(labels)}, 2], a value and its spread")
    known = ~np.isnan(labels)
    return labels[known], scores[known, 0], scores[known, 1]
