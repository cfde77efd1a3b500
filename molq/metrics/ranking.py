"""How well scores order molecules, and how far two scorings agree.

Every function takes 1-D arrays, drops rows whose label is NaN, and returns nan where the number is undefined (one
class, fewer than two rows, no spread). Higher scores are better. A NaN score on a labelled row is an InputError.

Tied scores: ROC-AUC counts a tied pair as one half; PR-AUC treats tied rows as one threshold; enrichment, BEDROC and
hit overlap are the expected value over all orders of the tied rows, computed exactly, so no number depends on the order
of the file.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molq.errors import InputError

FloatOrArray = TypeVar("FloatOrArray", float, NDArray[np.float64])
Metric = Callable[[NDArray[np.float64], NDArray[np.float64]], float]


def roc_auc(y: ArrayLike, s: ArrayLike) -> float:
    """Area under the ROC curve: the chance that an active outranks an inactive."""
    labels, scores = classes(y, s)
    if not _has_both(labels):
        return math.nan
    n_actives = float(labels.sum())
    return 0.5 + float(labels @ _centred_ranks(scores)) / (n_actives * (len(labels) - n_actives))


def pr_auc(y: ArrayLike, s: ArrayLike) -> float:
    """Area under the precision-recall curve, as average precision (no interpolation)."""
    from sklearn.metrics import average_precision_score  # late: it takes a second, and loading a model needs none

    labels, scores = classes(y, s)
    return float(average_precision_score(labels, scores)) if _has_both(labels) else math.nan


def enrichment(y: ArrayLike, s: ArrayLike, fraction: float) -> float:
    """Enrichment factor: share of actives among the best ceil(fraction·n) rows over their share among all."""
    labels, scores = classes(y, s)
    n_top = top_count(len(labels), fraction)
    if not _has_both(labels):
        return math.nan
    return float(labels @ top_membership(scores, n_top) / n_top / labels.mean())


def bedroc(y: ArrayLike, s: ArrayLike, alpha: float = 20.0) -> float:
    """Boltzmann-enhanced discrimination of ROC, 0 to 1 (Truchon and Bayly, JCIM 2007, 47, 488, eq. 36)."""
    labels, scores = classes(y, s)
    if not _has_both(labels):
        return math.nan
    n, n_actives = len(labels), int(labels.sum())
    first, last = _tied_positions(scores)
    discount = cumulative_discount(n, alpha)
    per_row = (discount[last] - discount[first]) / (last - first)
    return float(bedroc_from_discount(labels @ per_row, n, n_actives, alpha))


def hit_overlap(reference: ArrayLike, scores: ArrayLike, fraction: float) -> float:
    """Share of the reference's best ceil(fraction·n) rows that are also among the best of ``scores``, 0 to 1.

    Rows tied across the cut of either list are members with the probability that a random order puts them inside, the
    two lists ordered independently; so a list with such a tie overlaps even with itself by less than one.
    """
    a, b = _paired(reference, scores)
    if len(a) < 2:
        return math.nan
    n_top = top_count(len(a), fraction)
    return float(top_membership(a, n_top) @ top_membership(b, n_top) / n_top)


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Spearman's rank correlation, ties given their mean rank; nan where either side is constant."""
    x, y = _paired(a, b)
    ranks_x, ranks_y = _centred_ranks(x), _centred_ranks(y)
    scale = math.sqrt((ranks_x @ ranks_x) * (ranks_y @ ranks_y))
    return float(np.clip(ranks_x @ ranks_y / scale, -1.0, 1.0)) if scale > 0 else math.nan


def rmse(y: ArrayLike, s: ArrayLike) -> float:
    """Root mean squared error, in the target's units."""
    labels, scores = _paired(y, s)
    return math.sqrt(np.mean((labels - scores) ** 2)) if len(labels) else math.nan


def mae(y: ArrayLike, s: ArrayLike) -> float:
    """Mean absolute error, in the target's units."""
    labels, scores = _paired(y, s)
    return float(np.mean(np.abs(labels - scores))) if len(labels) else math.nan


def r2(y: ArrayLike, s: ArrayLike) -> float:
    """Coefficient of determination: 1 for perfect, 0 for the mean of ``y``, negative for worse."""
    labels, scores = _paired(y, s)
    spread = float(np.sum((labels - labels.mean()) ** 2)) if len(labels) > 1 else 0.0
    return 1.0 - float(np.sum((labels - scores) ** 2)) / spread if spread > 0 else math.nan


ef_1pct = partial(enrichment, fraction=0.01)
ef_5pct = partial(enrichment, fraction=0.05)
bedroc_20 = partial(bedroc, alpha=20.0)
hit_overlap_1pct = partial(hit_overlap, fraction=0.01)
hit_overlap_5pct = partial(hit_overlap, fraction=0.05)


def task_mean(metric: Metric, y: ArrayLike, s: ArrayLike) -> float:
    """Mean of ``metric`` over the tasks where it is defined, for y and s [n, T] (or [n]); nan where none is."""
    labels, scores = as_columns(y, s)
    values = np.array([metric(labels[:, t], scores[:, t]) for t in range(labels.shape[1])])
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else math.nan


def as_columns(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Labels and scores as float64 [n, T], or scores [n, T, 2] with spreads; InputError when their shapes differ."""
    labels, scores = np.asarray(y, np.float64), np.asarray(s, np.float64)
    shape = scores.shape[:2] if (labels.ndim, scores.ndim) == (2, 3) else scores.shape
    if labels.shape != shape or labels.ndim not in (1, 2):
        raise InputError(
            f"labels {labels.shape} and scores {scores.shape} must have one shape, [molecules] or [molecules, tasks]"
        )
    return (labels[:, None], scores[:, None]) if labels.ndim == 1 else (labels, scores)


def classes(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The labels that are known and their scores; InputError where a label is neither 0 nor 1."""
    labels, scores = _paired(y, s)
    other = labels[(labels != 0) & (labels != 1)]
    if len(other):
        raise InputError(f"label {other[0]:g} is neither 0 nor 1: this metric wants a classification task")
    return labels, scores


def top_count(n: int, fraction: float) -> int:
    """Size of the best ``fraction`` of n rows, ceil(fraction·n) and at least one, as RDKit counts it."""
    if not 0.0 < fraction <= 1.0:
        raise InputError(f"fraction {fraction} must be above 0 and at most 1")
    return max(1, math.ceil(n * fraction - 1e-9))


def top_membership(scores: NDArray[np.float64], n_top: int) -> NDArray[np.float64]:
    """Chance of each row to be among the ``n_top`` best when tied rows come in random order."""
    first, last = _tied_positions(scores)
    return np.clip((n_top - first) / (last - first), 0.0, 1.0)


def cumulative_discount(n: int, alpha: float) -> NDArray[np.float64]:
    """[n+1] sums of exp(-alpha·r/n) over the ranks r = 1 ... k."""
    return np.concatenate([[0.0], np.cumsum(np.exp(-alpha * np.arange(1, n + 1) / n))])


def bedroc_from_discount(discount: FloatOrArray, n: int, n_actives: int, alpha: float) -> FloatOrArray:
    """BEDROC of n rows from the sum of exp(-alpha·rank/n) over their actives."""
    ratio = n_actives / n
    mean_discount = cumulative_discount(n, alpha)[-1] / n
    enhancement = discount / (n_actives * mean_discount)
    lowest = math.expm1(alpha * ratio) / (ratio * math.expm1(alpha))
    highest = math.expm1(-alpha * ratio) / (ratio * math.expm1(-alpha))
    return (enhancement - lowest) / (highest - lowest)


def _paired(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    labels, scores = np.asarray(y, np.float64), np.asarray(s, np.float64)
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise InputError(f"labels {labels.shape} and scores {scores.shape} must be 1-D and of one length")
    known = ~np.isnan(labels)
    labels, scores = labels[known], scores[known]
    if np.isnan(scores).any():
        row = int(np.flatnonzero(known)[np.isnan(scores)][0])
        raise InputError(f"score of row {row} is NaN: leave unscored molecules out before measuring")
    return labels, scores


def _has_both(labels: NDArray[np.float64]) -> bool:
    return len(labels) > 1 and 0.0 < labels.mean() < 1.0


def _tied_positions(scores: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Half-open range of positions, best first, that each row's tie group occupies."""
    _, group, size = np.unique(-scores, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return (last - size)[group], last[group]


def _centred_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    first, last = _tied_positions(values)
    return (len(values) - first - last) / 2.0
