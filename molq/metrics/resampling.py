"""Metrics of many bootstrap resamples at once, from how often each row was drawn.

A resample is a row of counts [n]: row i of the data stands in it counts[i] times. A kernel sorts the data once and
turns counts [R, n] into R metric values with a few passes over that array; it gives the same numbers as calling the
metric of ``ranking`` on the repeated rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.metrics import ranking, spread

Counts = NDArray[np.integer]
Values = NDArray[np.float64]
Kernel = Callable[[Counts], Values]


def kernel_for(metric: ranking.Metric, y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    """The kernel of ``metric`` on labels y [n] and scores s [n] or [n, 2], both free of NaN.

    Metrics of ``ranking`` and ``spread`` (also as functools.partial with keyword arguments) have a fast kernel; any
    other callable is called once per resample on the repeated rows.
    """
    function, options = _unwrapped(metric)
    make = _KERNELS.get(function)
    return make(y, s, **options) if make else partial(_repeat_rows, metric, y, s)


def _unwrapped(metric: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(metric, partial) and not metric.args:
        return metric.func, metric.keywords
    return metric, {}


def _repeat_rows(metric: ranking.Metric, y: NDArray[np.float64], s: NDArray[np.float64], counts: Counts) -> Values:
    rows = np.arange(len(y))
    drawn = (np.repeat(rows, row_counts) for row_counts in counts)
    return np.array([metric(y[index], s[index]) for index in drawn], np.float64)


class _Ranked:
    """Rows sorted best first and grouped by equal score."""

    def __init__(self, y: NDArray[np.float64], s: NDArray[np.float64]) -> None:
        order = np.argsort(-s, kind="stable")
        self.starts = np.flatnonzero(np.concatenate([[True], np.diff(s[order]) != 0]))
        self.order = order
        self.active = y[order] == 1
        self.tied = len(self.starts) < len(s)

    def groups(self, counts: Counts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and actives per tie group, [R, G] each."""
        rows = counts[:, self.order].astype(np.int64, copy=False)
        actives = rows * self.active
        if not self.tied:
            return rows, actives
        return np.add.reduceat(rows, self.starts, axis=1), np.add.reduceat(actives, self.starts, axis=1)


def _roc_auc(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    ranked = _Ranked(y, s)

    def values(counts: Counts) -> Values:
        rows, actives = ranked.groups(counts)
        inactives = rows - actives
        above = np.cumsum(actives, axis=1)
        won_twice = np.einsum("rg,rg->r", inactives, 2 * above - actives)
        return _divide(won_twice / 2.0, above[:, -1] * inactives.sum(axis=1))

    return values


def _pr_auc(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    ranked = _Ranked(y, s)

    def values(counts: Counts) -> Values:
        rows, actives = ranked.groups(counts)
        seen, found = np.cumsum(rows, axis=1), np.cumsum(actives, axis=1)
        precision = found / np.maximum(seen, 1)
        mean = _divide(np.einsum("rg,rg->r", precision, actives), found[:, -1])
        return np.where(found[:, -1] < seen[:, -1], mean, math.nan)

    return values


def _enrichment(y: NDArray[np.float64], s: NDArray[np.float64], fraction: float) -> Kernel:
    ranked = _Ranked(y, s)

    def values(counts: Counts) -> Values:
        rows, actives = ranked.groups(counts)
        last = np.cumsum(rows, axis=1)
        n, n_actives = last[:, -1], actives.sum(axis=1)
        n_top = _top_counts(n, fraction)
        inside = np.clip((n_top[:, None] - (last - rows)) / np.maximum(rows, 1), 0.0, 1.0)
        rate = _divide(np.einsum("rg,rg->r", inside, actives), n_top)
        return np.where(n_actives < n, _divide(rate * n, n_actives), math.nan)

    return values


def _bedroc(y: NDArray[np.float64], s: NDArray[np.float64], alpha: float = 20.0) -> Kernel:
    ranked = _Ranked(y, s)

    def values(counts: Counts) -> Values:
        rows, actives = ranked.groups(counts)
        last = np.cumsum(rows, axis=1)
        totals, n_actives = last[:, -1], actives.sum(axis=1)
        result = np.full(len(counts), math.nan)
        for n, k in {(int(n), int(k)) for n, k in zip(totals, n_actives, strict=True) if 0 < k < n}:
            same = (totals == n) & (n_actives == k)
            discount = ranking.cumulative_discount(n, alpha)
            within = discount[last[same]] - discount[(last - rows)[same]]
            found = np.einsum("rg,rg->r", within / np.maximum(rows[same], 1), actives[same])
            result[same] = ranking.bedroc_from_discount(found, n, k, alpha)
        return result

    return values


def _spearman(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    sides = tuple((np.unique(-values, return_inverse=True)[1], _Ranked(y, values)) for values in (y, s))

    def values(counts: Counts) -> Values:
        total = counts.sum(axis=1, keepdims=True)
        centred = []
        for group, ranked in sides:
            rows, _ = ranked.groups(counts)
            middle = np.cumsum(rows, axis=1) - (rows - 1) / 2.0
            centred.append(middle[:, group] - (total + 1) / 2.0)
        a, b = centred
        covariance, spread_a, spread_b = (
            np.einsum("rn,rn,rn->r", counts, left, right) for left, right in ((a, b), (a, a), (b, b))
        )
        return np.clip(_divide(covariance, np.sqrt(spread_a * spread_b)), -1.0, 1.0)

    return values


def _rmse(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    squared = (y - s) ** 2
    return lambda counts: np.sqrt(_divide(counts @ squared, counts.sum(axis=1)))


def _mae(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    absolute = np.abs(y - s)
    return lambda counts: _divide(counts @ absolute, counts.sum(axis=1))


def _r2(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    squared, labels = (y - s) ** 2, y - y.mean()

    def values(counts: Counts) -> Values:
        n = counts.sum(axis=1)
        spread = counts @ labels**2 - _divide((counts @ labels) ** 2, n)
        return 1.0 - _divide(counts @ squared, np.where(spread > 1e-12, spread, 0.0))

    return values


def _error_spearman(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    return _spearman(np.abs(y - s[:, 0]), s[:, 1])


def _sparsification(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    errors = np.abs(y - s[:, 0])
    by_spread, by_error = (_mean_kept(errors, order) for order in (s[:, 1], errors))

    def values(counts: Counts) -> Values:
        best, chance = by_error(counts), _divide(counts @ errors, counts.sum(axis=1))
        return _divide(by_spread(counts) - best, np.where(chance > best + 1e-12, chance - best, 0.0))

    return values


def _mean_kept(errors: NDArray[np.float64], spreads: NDArray[np.float64]) -> Kernel:
    ranked = _Ranked(errors, -spreads)
    sorted_errors = errors[ranked.order]

    def values(counts: Counts) -> Values:
        rows, _ = ranked.groups(counts)
        summed = np.add.reduceat(counts[:, ranked.order] * sorted_errors, ranked.starts, axis=1)
        kept = np.cumsum(summed, axis=1) / np.maximum(np.cumsum(rows, axis=1), 1)
        return _divide(np.einsum("rg,rg->r", kept, rows), counts.sum(axis=1))

    return values


def _nll(y: NDArray[np.float64], s: NDArray[np.float64]) -> Kernel:
    losses = spread.log_losses(y, s[:, 0], s[:, 1])
    return lambda counts: _divide(counts @ losses, counts.sum(axis=1))


def _top_counts(n: NDArray[np.int64], fraction: float) -> NDArray[np.int64]:
    sizes, where = np.unique(n, return_inverse=True)
    return np.array([ranking.top_count(int(size), fraction) for size in sizes])[where]


def _divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> Values:
    """Quotient, nan where the denominator is 0."""
    below = np.asarray(denominator, np.float64)
    return np.divide(numerator, below, out=np.full(len(below), math.nan), where=below != 0)


_KERNELS: dict[Any, Callable[..., Kernel]] = {
    ranking.roc_auc: _roc_auc,
    ranking.pr_auc: _pr_auc,
    ranking.enrichment: _enrichment,
    ranking.bedroc: _bedroc,
    ranking.spearman: _spearman,
    ranking.rmse: _rmse,
    ranking.mae: _mae,
    ranking.r2: _r2,
    spread.error_spearman: _error_spearman,
    spread.sparsification: _sparsification,
    spread.nll: _nll,
}
