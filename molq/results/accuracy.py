"""How well scores meet labels, and how far they lie from other scores."""

from __future__ import annotations

import math
from typing import Any

from molq.metrics.significance import Difference, Interval, Verdict
from molq.results.plain import plain
from molq.results.shown import Result

PerTask = dict[str, dict[str, float | None]]
"""task → metric → value, None where it is undefined"""


class Accuracy(Result, frozen=True):
    """Metrics of one model on labelled molecules, as means over its tasks; the first is what the verdict is about."""

    metrics: dict[str, Interval]
    differences: dict[str, Difference]
    """to the reference, by metric; empty for the reference itself"""
    verdict: Verdict | None
    """None for the reference, and where labels do not define the metric"""

    def difference(self, metric: str) -> Difference:
        """To the reference; the reference differs from itself by exactly 0."""
        own = self.metrics[metric]
        zero = own.value - own.value
        return self.differences.get(metric, Difference(zero, zero, zero, own.n, own.level))


class Agreement(Result, frozen=True):
    """How far scores rank molecules as a reference's do; labels are not needed. None where it is undefined."""

    hit_overlap_1pct: float | None
    """share of the reference's best 1% that stay among the best 1%"""
    hit_overlap_5pct: float | None
    spearman: float | None
    """rank correlation"""
    max_score_change: float | None


def difference_key(metric: str) -> str:
    """The key of a metric's difference in JSON and CSV."""
    return f"delta_{'auc' if metric == 'roc_auc' else metric}"


def bounds(name: str, interval: Interval | Difference | None) -> dict[str, float | None]:
    """``name``, ``name_low`` and ``name_high``."""
    values = [None] * 3 if interval is None else [interval.value, interval.low, interval.high]
    return dict(zip(_keys(name), plain(values), strict=True))


@plain.register
def _flat(value: Accuracy) -> dict[str, Any]:
    """``roc_auc``, ``roc_auc_low``, ``roc_auc_high``, ``delta_auc`` and so on."""
    row: dict[str, float | None] = {}
    for name, interval in value.metrics.items():
        row |= bounds(name, interval)
    for name in value.metrics:
        row |= bounds(difference_key(name), value.difference(name))
    return row | {"verdict": value.verdict}


def accuracy_of_flat(row: dict[str, Any], metrics: list[str], *, is_reference: bool, n: int, level: float) -> Accuracy:
    """What ``row`` was made of; takes its keys out of it. Raises KeyError when one is missing."""
    intervals, differences = {}, {}
    for name in metrics:
        intervals[name] = Interval(*_taken(row, name), n, level)
        differences[name] = Difference(*_taken(row, difference_key(name)), n, level)
    return Accuracy(intervals, {} if is_reference else differences, row.pop("verdict"))


def _taken(row: dict[str, Any], name: str) -> tuple[float, float, float]:
    value, low, high = (math.nan if (number := row.pop(key)) is None else float(number) for key in _keys(name))
    return value, low, high


def _keys(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"
