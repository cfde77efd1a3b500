"""Intervals of metrics and of paired differences, by the stratified bootstrap, and a verdict against a margin."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molq.errors import InputError
from molq.metrics.ranking import Metric, as_columns, task_mean
from molq.metrics.resampling import Kernel, kernel_for

Verdict = Literal["non-inferior", "inferior", "inconclusive"]
_DRAWS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Interval:
    """A metric and its bootstrap interval; nan bounds where it is undefined or n < 2."""

    value: float
    low: float
    high: float
    n: int
    """molecules with at least one label"""
    level: float


@dataclass(frozen=True)
class Difference:
    """A metric of the candidate minus that of the reference, on the same molecules, and its bootstrap interval."""

    value: float
    low: float
    high: float
    n: int
    level: float


def bootstrap(
    metric: Metric, y: ArrayLike, s: ArrayLike, *, n_resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> Interval:
    """The mean of ``metric`` over tasks and its percentile interval.

    y and s are [n, T] or [n], missing labels NaN. Molecules are drawn with replacement. Where all labels are 0 or 1 the
    draw is stratified: each task keeps its numbers of actives and inactives. The tasks of one resample share their
    draws, so the interval of a mean over tasks accounts for molecules measured in several. Same seed, same interval.
    """
    labels, scores = as_columns(y, s)
    value = task_mean(metric, labels, scores)
    draws = _resampled_means(metric, labels, (scores,), n_resamples, seed)
    return Interval(value, *_bounds(value, draws[0], level), _n_labelled(labels), level)


def paired_bootstrap(
    metric: Metric,
    y: ArrayLike,
    reference: ArrayLike,
    candidate: ArrayLike,
    *,
    n_resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Difference:
    """``metric`` of candidate minus reference and its percentile interval; both see the same resamples.

    Shapes, strata and seed as for ``bootstrap``.
    """
    labels, first = as_columns(y, reference)
    _, second = as_columns(y, candidate)
    value = task_mean(metric, labels, second) - task_mean(metric, labels, first)
    draws = _resampled_means(metric, labels, (first, second), n_resamples, seed)
    return Difference(value, *_bounds(value, draws[1] - draws[0], level), _n_labelled(labels), level)


def verdict(difference: Difference, margin: float = 0.005) -> Verdict:
    """Non-inferior when the interval lies above -margin, inferior when below it, else inconclusive.

    For metrics where higher is better. The margin is stated before the measurement.
    """
    if difference.low > -margin:
        return "non-inferior"
    return "inferior" if difference.high < -margin else "inconclusive"


def _resampled_means(
    metric: Metric,
    labels: NDArray[np.float64],
    scorings: tuple[NDArray[np.float64], ...],
    n_resamples: int,
    seed: int,
) -> NDArray[np.float64]:
    """[scorings, n_resamples] means over tasks, nan where no task is defined."""
    if n_resamples < 1:
        raise InputError(f"n_resamples {n_resamples} must be at least 1")
    known = [np.flatnonzero(~np.isnan(labels[:, t])) for t in range(labels.shape[1])]
    tasks = [t for t, rows in enumerate(known) if len(rows) > 1]
    means = np.full((len(scorings), n_resamples), math.nan)
    if not tasks:
        return means
    kernels: list[list[Kernel]] = [
        [kernel_for(metric, labels[known[t], t], scores[known[t], t]) for t in tasks] for scores in scorings
    ]
    strata = _strata(labels, tasks, known)
    done = 0
    for counts in _draws(strata, len(labels), n_resamples, np.random.default_rng(seed)):
        chunk = len(counts[0])
        for side, per_task in zip(means, kernels, strict=True):
            values = np.array([kernel(drawn) for kernel, drawn in zip(per_task, counts, strict=True)])
            side[done : done + chunk] = _mean_of_defined(values)
        done += chunk
    return means


def _strata(
    labels: NDArray[np.float64], tasks: list[int], known: list[NDArray[np.int64]]
) -> list[list[tuple[NDArray[np.int64], NDArray[np.int64]]]]:
    """Per task, its strata: (molecules, their places among the task's labelled molecules)."""
    observed = labels[~np.isnan(labels)]
    binary = bool(np.isin(observed, (0.0, 1.0)).all())
    result = []
    for t in tasks:
        values = labels[known[t], t]
        places = [np.flatnonzero(values == c) for c in (0.0, 1.0)] if binary else [np.arange(len(values))]
        result.append([(known[t][p], p) for p in places if len(p)])
    return result


def _draws(
    strata: list[list[tuple[NDArray[np.int64], NDArray[np.int64]]]],
    n_mols: int,
    n_resamples: int,
    rng: np.random.Generator,
) -> Iterator[list[NDArray[np.int64]]]:
    """Chunks of resamples: per task, counts [R, labelled molecules of the task]."""
    for start in range(0, n_resamples, step := max(1, _DRAWS_AT_ONCE // (2 * n_mols))):
        n_rows = min(step, n_resamples - start)
        stream = rng.integers(0, n_mols, (n_rows, 2 * n_mols)) if len(strata) > 1 else None
        counts = []
        for task in strata:
            drawn = np.zeros((n_rows, sum(len(places) for _, places in task)), np.int64)
            for mols, places in task:
                drawn[:, places] = (
                    _independent_counts(len(mols), n_rows, rng)
                    if stream is None
                    else _shared_counts(mols, n_mols, stream, rng)
                )
            counts.append(drawn)
        yield counts


def _independent_counts(n: int, n_rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """[n_rows, n] counts of n draws with replacement from n."""
    return _tally(rng.integers(0, n, (n_rows, n)), n)


def _shared_counts(
    mols: NDArray[np.int64], n_mols: int, stream: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """[R, len(mols)] counts of the first len(mols) draws of each row of ``stream`` that fall in the stratum ``mols``.

    So the strata of several tasks meet the same molecules. A stream that runs short is topped up with draws of its own.
    """
    n = len(mols)
    place = np.full(n_mols, n)
    place[mols] = np.arange(n)
    drawn = place[stream]
    n_hits = np.cumsum(drawn < n, axis=1)
    drawn[n_hits > n] = n
    missing = np.maximum(n - n_hits[:, -1], 0)
    counts = _tally(drawn, n + 1)[:, :n]
    rows = np.repeat(np.arange(len(stream)), missing)
    np.add.at(counts, (rows, rng.integers(0, n, len(rows))), 1)
    return counts


def _tally(drawn: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How often each of 0 ... n-1 occurs in each row of ``drawn``, [R, n]."""
    offset = np.arange(len(drawn))[:, None] * n
    return np.bincount((drawn + offset).ravel(), minlength=len(drawn) * n).reshape(len(drawn), n)


def _mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over axis 0 of the entries that are not nan; nan where all are."""
    defined = ~np.isnan(values)
    n = defined.sum(axis=0)
    total = np.where(defined, values, 0.0).sum(axis=0)
    return np.divide(total, n, out=np.full(len(n), math.nan), where=n > 0)


def _bounds(value: float, draws: NDArray[np.float64], level: float) -> tuple[float, float]:
    if not 0.0 < level < 1.0:
        raise InputError(f"level {level} must lie between 0 and 1")
    defined = draws[~np.isnan(draws)]
    if math.isnan(value) or not len(defined):
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _n_labelled(labels: NDArray[np.float64]) -> int:
    return int((~np.isnan(labels)).any(axis=1).sum())
