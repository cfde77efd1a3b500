"""How well scores meet labels: metrics with intervals, and paired differences to a reference with a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError
from molq.metrics import ranking, spread
from molq.metrics.ranking import as_columns
from molq.metrics.significance import Difference, Verdict, bootstrap, paired_bootstrap, verdict
from molq.nn.judged import Judged
from molq.results.accuracy import Accuracy, PerTask
from molq.results.comparison import Statistics
from molq.results.plain import plain

N_RESAMPLES = 2000
LEVEL = 0.95
AUC_MARGIN = 0.005
RELATIVE_RMSE_MARGIN = 0.01


class NamedMetric(NamedTuple):
    """A metric by name and which way is better."""

    name: str
    function: ranking.Metric
    higher_is_better: bool = True


METRICS = {
    "classification": (
        NamedMetric("roc_auc", ranking.roc_auc),
        NamedMetric("pr_auc", ranking.pr_auc),
        NamedMetric("ef_1pct", ranking.ef_1pct),
        NamedMetric("ef_5pct", ranking.ef_5pct),
        NamedMetric("bedroc_20", ranking.bedroc_20),
    ),
    "regression": (
        NamedMetric("rmse", ranking.rmse, higher_is_better=False),
        NamedMetric("mae", ranking.mae, higher_is_better=False),
        NamedMetric("r2", ranking.r2),
        NamedMetric("label_spearman", ranking.spearman),
    ),
}
"""per kind of task, the first one being what the verdict is about"""
_RANKED_ERRORS = (
    NamedMetric("error_spearman", spread.error_spearman),
    NamedMetric("sparsification", spread.sparsification, higher_is_better=False),
)
SPREAD_METRICS = {
    None: (),
    "interval": _RANKED_ERRORS,
    "std": (*_RANKED_ERRORS, NamedMetric("nll", spread.nll, higher_is_better=False)),
}
"""per kind of spread that a model states of its values; they take values and spreads"""


def accuracy(
    kind: str,
    labels: NDArray[np.float32],
    scores: Judged,
    reference: Judged | None = None,
    *,
    margin: float,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Accuracy:
    """Metrics of predictions [n, J] against labels [n, J] and, given a reference's, the paired differences.

    Where spreads are stated, metrics say how well they tell where the values err; the reference states the same kind.
    """
    options = {"n_resamples": n_resamples, "seed": seed, "level": LEVEL}
    intervals, differences = {}, {}
    for metric, found, first in _measured(kind, scores, reference):
        intervals[metric.name] = bootstrap(metric.function, labels, found, **options)  # type: ignore[arg-type]
        if first is not None:
            differences[metric.name] = paired_bootstrap(metric.function, labels, first, found, **options)  # type: ignore[arg-type]
    if reference is None:
        return Accuracy(intervals, {}, None)
    decisive = METRICS[kind][0]
    return Accuracy(intervals, differences, _verdict(decisive, differences[decisive.name], margin))


def accuracy_per_task(kind: str, names: tuple[str, ...], labels: NDArray[np.float32], scores: Judged) -> PerTask:
    """name of the prediction → metric → value, None where it is undefined."""
    rows: PerTask = {name: {} for name in names}
    for metric, found, _ in _measured(kind, scores, None):
        y, s = as_columns(labels, found)
        for i, name in enumerate(names):
            rows[name][metric.name] = plain(float(metric.function(y[:, i], s[:, i])))
    return rows


def card_metrics(measured: Accuracy) -> dict[str, Any]:
    """The ``metrics`` section of a card, on the test molecules."""
    section: dict[str, Any] = {f"test_{name}": asdict(interval) for name, interval in measured.metrics.items()}
    for name, difference in measured.differences.items():
        section[f"test_{name}_minus_fp32"] = asdict(difference)
    return section


def default_margin(kind: str, training_labels: NDArray[np.float32]) -> float:
    """The non-inferiority margin, fixed before anything is measured on test molecules.

    0.005 ROC-AUC, or 1% of the standard deviation of the training labels (mean over tasks), in target units.
    """
    if kind == "classification":
        return AUC_MARGIN
    return RELATIVE_RMSE_MARGIN * float(np.mean(np.nanstd(training_labels.astype(np.float64), axis=0)))


def chosen_margin(kind: str, labels: NDArray[np.float32], asked: float | None) -> float:
    """The margin that was asked for, else the usual one. Raises InputError as ``refuse_loss_of_guessing`` does."""
    if asked is None:
        return default_margin(kind, labels)
    refuse_loss_of_guessing("margin", asked, kind, labels)
    return asked


def refuse_loss_of_guessing(name: str, loss: float, kind: str, labels: NDArray[np.float32]) -> None:
    """Returns when a loss of the metric is below what guessing loses against perfect scores.

    That is 0.5 of ROC-AUC, and the labels' spread in RMSE (mean over tasks). Raises InputError, naming the parameter,
    where it is not: any model at all would pass.
    """
    spread = float(np.mean(np.nanstd(labels.astype(np.float64), axis=0)))
    guessing, unit = (0.5, "ROC-AUC") if kind == "classification" else (spread, "RMSE")
    if loss >= guessing > 0:
        raise InputError(
            f"`{name}` is {loss:g}; it must lie below {guessing:.4g} {unit}, which is what guessing loses on these"
            " labels"
        )


def statistics_of(kind: str, margin: float, n_resamples: int, seed: int) -> Statistics:
    """What a result says of how ``accuracy`` was measured."""
    stratified = "paired bootstrap over molecules, stratified by class"
    method = stratified if kind == "classification" else "paired bootstrap"
    return Statistics(METRICS[kind][0].name, margin, LEVEL, n_resamples, seed, method)


def _measured(
    kind: str, scores: Judged, reference: Judged | None
) -> Iterator[tuple[NamedMetric, NDArray[np.float32], NDArray[np.float32] | None]]:
    """Each metric, what of the scores it takes, and the same of the reference."""
    yield from ((metric, scores.values, None if reference is None else reference.values) for metric in METRICS[kind])
    for metric in SPREAD_METRICS[scores.stated]:
        yield metric, scores.pairs, None if reference is None else reference.pairs


def _verdict(metric: NamedMetric, difference: Difference, margin: float) -> Verdict | None:
    if math.isnan(difference.low):
        return None
    if metric.higher_is_better:
        return verdict(difference, margin)
    gain = Difference(-difference.value, -difference.high, -difference.low, difference.n, difference.level)
    return verdict(gain, margin)
