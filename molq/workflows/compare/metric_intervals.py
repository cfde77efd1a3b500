"""What is measured of a model's scores: metrics with intervals, differences to a reference, agreement of rankings."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.metrics import ranking
from molq.metrics.ranking import as_columns
from molq.metrics.significance import Difference, Interval, Verdict, bootstrap, paired_bootstrap, verdict

N_RESAMPLES = 2000
LEVEL = 0.95
AUC_MARGIN = 0.005
RELATIVE_RMSE_MARGIN = 0.01


class MetricChoice(NamedTuple):
    """A metric by name and which way is better."""

    name: str
    function: ranking.Metric
    higher_is_better: bool = True

    @property
    def difference_name(self) -> str:
        return f"delta_{'auc' if self.name == 'roc_auc' else self.name}"


METRICS = {
    "classification": (
        MetricChoice("roc_auc", ranking.roc_auc),
        MetricChoice("pr_auc", ranking.pr_auc),
        MetricChoice("ef_1pct", ranking.ef_1pct),
        MetricChoice("ef_5pct", ranking.ef_5pct),
        MetricChoice("bedroc_20", ranking.bedroc_20),
    ),
    "regression": (
        MetricChoice("rmse", ranking.rmse, higher_is_better=False),
        MetricChoice("mae", ranking.mae, higher_is_better=False),
        MetricChoice("r2", ranking.r2),
        MetricChoice("label_spearman", ranking.spearman),
    ),
}
"""per kind of task, the first one being what the verdict is about"""


@dataclass(frozen=True)
class Measured:
    """Metrics of one model on labelled molecules, as means over its tasks."""

    kind: str
    metrics: dict[str, Interval]
    differences: dict[str, Difference]
    """to the reference, by metric; empty for the reference itself"""
    verdict: Verdict | None
    """on the first metric of the kind; None for the reference"""

    def fields(self) -> dict[str, Any]:
        """``roc_auc``, ``roc_auc_low``, ``roc_auc_high``, ``delta_auc`` and so on, in JSON types.

        The reference differs from itself by exactly 0.
        """
        values: dict[str, Any] = {}
        for choice in METRICS[self.kind]:
            values |= _bounds(choice.name, self.metrics[choice.name])
        for choice in METRICS[self.kind]:
            name = choice.difference_name
            difference = self.differences.get(choice.name)
            zero = None if math.isnan(self.metrics[choice.name].value) else 0.0
            values |= _bounds(name, difference) if difference else dict.fromkeys(_keys(name), zero)
        return values | {"verdict": self.verdict}

    def card_section(self) -> dict[str, Any]:
        """The ``metrics`` section of a card, on the test molecules."""
        section: dict[str, Any] = {f"test_{name}": asdict(interval) for name, interval in self.metrics.items()}
        for name, difference in self.differences.items():
            section[f"test_{name}_minus_fp32"] = asdict(difference)
        return section


def measure(
    kind: str,
    labels: NDArray[np.float32],
    scores: NDArray[np.float32],
    reference: NDArray[np.float32] | None = None,
    *,
    margin: float,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Measured:
    """Metrics of scores [n, T] against labels [n, T] and, given a reference's scores, the paired differences."""
    options = {"n_resamples": n_resamples, "seed": seed, "level": LEVEL}
    choices = METRICS[kind]
    metrics = {c.name: bootstrap(c.function, labels, scores, **options) for c in choices}  # type: ignore[arg-type]
    if reference is None:
        return Measured(kind, metrics, {}, None)
    differences = {
        c.name: paired_bootstrap(c.function, labels, reference, scores, **options)  # type: ignore[arg-type]
        for c in choices
    }
    return Measured(kind, metrics, differences, _verdict(choices[0], differences[choices[0].name], margin))


def per_task(
    kind: str, tasks: tuple[str, ...], labels: NDArray[np.float32], scores: NDArray[np.float32]
) -> dict[str, dict[str, float | None]]:
    """task → metric → value, None where it is undefined."""
    y, s = as_columns(labels, scores)
    return {
        task: {c.name: _number(c.function(y[:, t], s[:, t])) for c in METRICS[kind]} for t, task in enumerate(tasks)
    }


def agreement(reference: NDArray[np.float32], scores: NDArray[np.float32]) -> dict[str, float | None]:
    """How far scores [n, T] rank molecules as the reference does: means over tasks, labels not needed.

    The overlap of hit lists is divided by that of the reference with itself, which is below 1 where its scores tie
    across the cut, as probabilities do that have reached 1.0 in float32; so the reference always has all its hits.
    """
    return {
        "hit_overlap_1pct": _number(ranking.task_mean(_own_hits_kept(0.01), reference, scores)),
        "hit_overlap_5pct": _number(ranking.task_mean(_own_hits_kept(0.05), reference, scores)),
        "spearman": _number(ranking.task_mean(ranking.spearman, reference, scores)),
        "max_score_change": _number(float(np.abs(reference - scores).max())) if len(scores) else None,
    }


def default_margin(kind: str, training_labels: NDArray[np.float32]) -> float:
    """The non-inferiority margin, fixed before anything is measured on test molecules.

    0.005 ROC-AUC, or 1% of the standard deviation of the training labels (mean over tasks), in target units.
    """
    if kind == "classification":
        return AUC_MARGIN
    return RELATIVE_RMSE_MARGIN * float(np.mean(np.nanstd(training_labels.astype(np.float64), axis=0)))


def _own_hits_kept(fraction: float) -> ranking.Metric:
    def kept(reference: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
        most = ranking.hit_overlap(reference, reference, fraction)
        return ranking.hit_overlap(reference, scores, fraction) / most

    return kept


def _verdict(choice: MetricChoice, difference: Difference, margin: float) -> Verdict | None:
    if math.isnan(difference.low):
        return None
    if choice.higher_is_better:
        return verdict(difference, margin)
    gain = Difference(-difference.value, -difference.high, -difference.low, difference.n, difference.level)
    return verdict(gain, margin)


def _keys(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


def _bounds(name: str, interval: Interval | Difference) -> dict[str, float | None]:
    values = (interval.value, interval.low, interval.high)
    return dict(zip(_keys(name), map(_number, values), strict=True))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
