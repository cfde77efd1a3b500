"""Scores turned into classes: a threshold, and how many it calls rightly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

USUAL_THRESHOLD = 0.5


class Called(NamedTuple):
    """How many are called active or inactive, and are."""

    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int


def called(y: ArrayLike, s: ArrayLike, threshold: float) -> Called:
    """Counts of labels [n], 0 or 1 and NaN where missing, with scores [n]: active from ``threshold`` on."""
    labels, scores = _known(y, s)
    is_active, is_called = labels == 1, scores >= threshold
    return Called(
        int((is_active & is_called).sum()),
        int((is_active & ~is_called).sum()),
        int((~is_active & is_called).sum()),
        int((~is_active & ~is_called).sum()),
    )


def best_threshold(y: ArrayLike, s: ArrayLike) -> float | None:
    """The threshold of the best balanced accuracy, half way between two scores; None where there is one class alone.

    Of several as good, the one nearest to 0.5: balanced accuracy is the mean of the shares of actives and of inactives
    that are called rightly (Youden's J is twice it, less 1).
    """
    labels, scores = _known(y, s)
    n_actives = int(labels.sum())
    if not 0 < n_actives < len(labels):
        return None
    order = np.argsort(-scores, kind="stable")
    falling, is_active = scores[order], labels[order]
    last = np.flatnonzero(np.diff(falling, append=-np.inf))
    sensitivity = np.cumsum(is_active)[last] / n_actives
    false_alarms = np.cumsum(1 - is_active)[last] / (len(labels) - n_actives)
    gain = sensitivity - false_alarms
    below = np.append(falling[last][1:], falling[last][-1])
    thresholds = (falling[last] + below) / 2
    thresholds = np.where(thresholds > below, thresholds, falling[last])  # neighbours in floating point
    best = np.flatnonzero(np.isclose(gain, gain.max(), rtol=0, atol=1e-12))
    return float(thresholds[best[np.abs(thresholds[best] - USUAL_THRESHOLD).argmin()]])


def _known(y: ArrayLike, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    labels, scores = np.asarray(y, np.float64), np.asarray(s, np.float64)
    known = ~np.isnan(labels)
    return labels[known], scores[known]
