from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from molq.errors import InputError
from molq.nn.judged import Judged
from molq.results.accuracy import difference_key
from molq.results.plain import plain
from molq.workflows.compare.accuracy import (
    METRICS,
    accuracy,
    accuracy_per_task,
    card_metrics,
    chosen_margin,
    default_margin,
)

RNG = np.random.default_rng(3)
LABELS = (np.arange(120) % 2).astype(np.float32)[:, None]
GOOD = (LABELS + RNG.normal(0, 0.8, LABELS.shape)).astype(np.float32)
POOR = RNG.normal(0, 1, LABELS.shape).astype(np.float32)


def test_fields_name_every_metric_its_bounds_and_its_difference():
    fields = plain(accuracy("classification", LABELS, Judged(POOR), Judged(GOOD), margin=0.005, n_resamples=200))
    names = [
        f"{name}{end}"
        for c in METRICS["classification"]
        for name in (c.name, difference_key(c.name))
        for end in ("", "_low", "_high")
    ]
    assert set(fields) == {*names, "verdict"}
    assert fields["roc_auc"] == pytest.approx(roc_auc_score(LABELS[:, 0], POOR[:, 0]))
    assert fields["delta_auc"] == pytest.approx(fields["roc_auc"] - roc_auc_score(LABELS[:, 0], GOOD[:, 0]))
    assert fields["delta_auc_low"] <= fields["delta_auc"] <= fields["delta_auc_high"]


def test_verdicts_on_a_metric_where_higher_is_better():
    assert (
        accuracy("classification", LABELS, Judged(POOR), Judged(GOOD), margin=0.005, n_resamples=200).verdict
        == "inferior"
    )
    assert (
        accuracy("classification", LABELS, Judged(GOOD), Judged(POOR), margin=0.005, n_resamples=200).verdict
        == "non-inferior"
    )


def test_verdicts_on_a_metric_where_lower_is_better():
    near, far = LABELS + 0.1, LABELS + RNG.normal(0, 2, LABELS.shape)
    worse = accuracy("regression", LABELS, Judged(far), Judged(near), margin=0.01, n_resamples=200)
    assert plain(worse)["delta_rmse"] > 0
    assert plain(worse)["rmse"] == pytest.approx(root_mean_squared_error(LABELS, far))
    assert worse.verdict == "inferior"
    assert (
        accuracy("regression", LABELS, Judged(near), Judged(far), margin=0.01, n_resamples=200).verdict
        == "non-inferior"
    )


def test_the_reference_differs_from_itself_by_nothing_and_is_not_judged():
    fields = plain(accuracy("classification", LABELS, Judged(GOOD), margin=0.005, n_resamples=200))
    assert fields["delta_auc"] == fields["delta_auc_low"] == fields["delta_auc_high"] == 0.0
    assert fields["verdict"] is None


def test_one_class_leaves_the_metrics_undefined_and_the_verdict_open():
    fields = plain(accuracy("classification", LABELS * 0, Judged(GOOD), Judged(POOR), margin=0.005, n_resamples=200))
    assert fields["roc_auc"] is None
    assert fields["delta_auc_low"] is None
    assert fields["verdict"] is None


def test_the_card_section_holds_intervals_and_differences():
    section = card_metrics(
        accuracy("classification", LABELS, Judged(POOR), Judged(GOOD), margin=0.005, n_resamples=200)
    )
    assert section["test_roc_auc"]["n"] == 120
    assert section["test_roc_auc_minus_fp32"]["low"] < 0


def test_per_task_takes_each_column_by_itself():
    labels = np.concatenate([LABELS, np.full_like(LABELS, math.nan)], axis=1)
    scores = np.concatenate([GOOD, POOR], axis=1)
    values = accuracy_per_task("classification", ("a", "b"), labels, Judged(scores))
    assert values["a"]["roc_auc"] == pytest.approx(roc_auc_score(LABELS[:, 0], GOOD[:, 0]))
    assert values["b"]["roc_auc"] is None


def test_the_margin_is_fixed_by_the_kind_and_the_training_labels():
    assert default_margin("classification", LABELS) == 0.005
    assert default_margin("regression", np.array([[1.0], [3.0], [math.nan]], np.float32)) == pytest.approx(0.01)


@pytest.mark.parametrize(("kind", "guessing"), [("classification", 0.5), ("regression", float(np.std(LABELS)))])
def test_a_margin_that_guessing_would_pass_is_refused(kind: str, guessing: float) -> None:
    assert chosen_margin(kind, LABELS, None) == default_margin(kind, LABELS)
    assert chosen_margin(kind, LABELS, guessing * 0.99) == guessing * 0.99
    for margin in (guessing, 1e9):
        with pytest.raises(InputError, match=f"`margin` is .*; it must lie below {guessing:.4g}"):
            chosen_margin(kind, LABELS, margin)


@pytest.mark.parametrize(
    ("stated", "names"),
    [("std", ["error_spearman", "sparsification", "nll"]), ("interval", ["error_spearman", "sparsification"])],
)
def test_a_stated_spread_is_measured_too(stated, names):
    rng = np.random.default_rng(4)
    spreads = rng.gamma(2, 0.2, LABELS.shape).astype(np.float32)
    values = LABELS + spreads * rng.normal(size=LABELS.shape).astype(np.float32)
    good, flat = Judged(values, spreads, stated), Judged(values, rng.permutation(spreads), stated)
    found = accuracy("regression", LABELS, good, flat, margin=0.01, n_resamples=200)
    assert list(found.metrics)[-len(names) :] == names == list(found.differences)[-len(names) :]
    assert found.differences["error_spearman"].low > 0 > found.differences["sparsification"].high
    assert found.differences["rmse"].value == 0
    rows = accuracy_per_task("regression", ("a",), LABELS, good)
    expected = spearmanr(np.abs(values - LABELS)[:, 0], spreads[:, 0]).statistic
    assert rows["a"]["error_spearman"] == pytest.approx(expected)
