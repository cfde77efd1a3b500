"""How far scores rank molecules as a reference's scores do; labels are not needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.metrics import ranking
from molq.results.accuracy import Agreement
from molq.results.plain import plain


def agreement(reference: NDArray[np.float32], scores: NDArray[np.float32]) -> Agreement:
    """Of scores [n, T] with the reference's [n, T]: means over tasks, and the largest change of any score.

    The overlap of hit lists is divided by that of the reference with itself, which is below 1 where its scores tie
    across the cut, as probabilities do that have reached 1.0 in float32; so the reference always has all its hits.
    """
    return Agreement(
        hit_overlap_1pct=plain(ranking.task_mean(_own_hits_kept(0.01), reference, scores)),
        hit_overlap_5pct=plain(ranking.task_mean(_own_hits_kept(0.05), reference, scores)),
        spearman=plain(ranking.task_mean(ranking.spearman, reference, scores)),
        max_score_change=float(np.abs(reference - scores).max()) if len(scores) else None,
    )


def _own_hits_kept(fraction: float) -> ranking.Metric:
    def kept(reference: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
        most = ranking.hit_overlap(reference, reference, fraction)
        return ranking.hit_overlap(reference, scores, fraction) / most

    return kept
