from __future__ import annotations

import math

import pytest

from molq.metrics.significance import Difference
from molq.results.accuracy import Agreement
from molq.results.fidelity import HEALTHY_DB, Fidelity
from molq.results.plain import plain

SAME = Agreement(1.0, 1.0, 1.0, 0.0)
LOSS = Difference(0.02, 0.01, 0.03, 100, 0.95)


def test_a_loss_within_the_margin_is_significant_but_not_material():
    assert Fidelity(0.0, 0.1, 30.0, SAME, LOSS, "inferior").is_material
    within = Fidelity(0.0, 0.1, 30.0, SAME, LOSS, "non-inferior")
    assert within.is_significant
    assert not within.is_material
    assert not Fidelity(0.0, 0.1, 30.0, SAME, None, None).is_significant


@pytest.mark.parametrize(
    ("sqnr_db", "logit_mse", "decibels"), [(12.0, 0.1, 12.0), (None, 0.0, math.inf), (None, 0.1, -math.inf)]
)
def test_no_noise_is_infinitely_faithful_and_no_signal_not_at_all(sqnr_db, logit_mse, decibels):
    assert Fidelity(0.0, logit_mse, sqnr_db, SAME, None, None).decibels == decibels


def test_little_noise_or_a_held_metric_alone_are_not_health():
    assert Fidelity(0.0, 0.1, HEALTHY_DB, SAME, None, None).is_healthy
    assert not Fidelity(0.0, 0.1, HEALTHY_DB - 0.1, SAME, None, None).is_healthy
    assert not Fidelity(0.0, 0.1, HEALTHY_DB, SAME, LOSS, "inconclusive").is_healthy


def test_the_loss_lies_flat_in_json():
    row = plain(Fidelity(0.1, 0.2, 30.0, SAME, LOSS, "inferior"))
    assert (row["loss"], row["loss_low"], row["loss_high"], row["hit_overlap_1pct"]) == (0.02, 0.01, 0.03, 1.0)
    assert plain(Fidelity(0.1, 0.2, 30.0, SAME, None, None))["loss_low"] is None
