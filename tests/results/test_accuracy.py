from __future__ import annotations

import math

import pytest

from molq.metrics.significance import Difference, Interval
from molq.results.accuracy import Accuracy, accuracy_of_flat, difference_key
from molq.results.plain import plain

METRICS = {"roc_auc": Interval(0.8, 0.7, 0.9, 50, 0.95), "pr_auc": Interval(0.6, math.nan, math.nan, 50, 0.95)}
DIFFERENCES = {
    "roc_auc": Difference(-0.01, -0.02, 0.0, 50, 0.95),
    "pr_auc": Difference(0.0, math.nan, math.nan, 50, 0.95),
}


def test_flat_keys_name_metric_bounds_and_difference():
    row = plain(Accuracy(METRICS, DIFFERENCES, "inconclusive"))
    assert list(row)[:6] == ["roc_auc", "roc_auc_low", "roc_auc_high", "pr_auc", "pr_auc_low", "pr_auc_high"]
    assert (row["delta_auc"], row["delta_auc_low"], row["delta_auc_high"]) == (-0.01, -0.02, 0.0)
    assert row["pr_auc_low"] is None
    assert row["verdict"] == "inconclusive"
    assert difference_key("rmse") == "delta_rmse"


def test_the_reference_differs_from_itself_by_nothing_where_its_metric_is_defined():
    reference = Accuracy(METRICS | {"ef_1pct": Interval(math.nan, math.nan, math.nan, 50, 0.95)}, {}, None)
    assert reference.difference("roc_auc") == Difference(0.0, 0.0, 0.0, 50, 0.95)
    assert plain(reference)["delta_ef_1pct"] is None


@pytest.mark.parametrize("is_reference", [False, True])
def test_what_was_flattened_comes_back(is_reference):
    value = Accuracy(METRICS, {} if is_reference else DIFFERENCES, None if is_reference else "inferior")
    row = {"scheme": "int8"} | plain(value)
    again = accuracy_of_flat(row, list(METRICS), is_reference=is_reference, n=50, level=0.95)
    assert repr(again) == repr(value)
    assert row == {"scheme": "int8"}
