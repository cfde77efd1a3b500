from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molq.metrics.ranking import (
    bedroc,
    bedroc_20,
    ef_5pct,
    enrichment,
    hit_overlap,
    mae,
    pr_auc,
    r2,
    rmse,
    roc_auc,
    spearman,
)
from molq.metrics.resampling import kernel_for
from molq.metrics.spread import error_spearman, nll, sparsification

METRICS = [
    roc_auc,
    pr_auc,
    ef_5pct,
    partial(enrichment, fraction=0.4),
    bedroc,
    bedroc_20,
    spearman,
    rmse,
    mae,
    r2,
    partial(hit_overlap, fraction=0.3),
]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 50))
def test_every_kernel_equals_its_metric_on_the_repeated_rows(seed, n, n_levels):
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(float)
    scores = rng.integers(0, n_levels, n) / 7.0
    counts = rng.multinomial(n, np.full(n, 1 / n), size=4)
    for metric in METRICS:
        expected = [metric(np.repeat(labels, c), np.repeat(scores, c)) for c in counts]
        np.testing.assert_allclose(kernel_for(metric, labels, scores)(counts), expected, atol=1e-9, err_msg=str(metric))


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_kernels_of_spreads_equal_their_metrics_on_the_repeated_rows(decimals):
    rng = np.random.default_rng(3)
    truth, guess = rng.normal(5, 1, (2, 60))
    scores = np.stack([guess, np.round(rng.gamma(2, 1, 60), decimals) + 0.1], axis=1)
    counts = rng.multinomial(60, np.full(60, 1 / 60), size=5)
    for metric in (error_spearman, sparsification, nll):
        expected = [metric(np.repeat(truth, c), np.repeat(scores, c, axis=0)) for c in counts]
        np.testing.assert_allclose(kernel_for(metric, truth, scores)(counts), expected, atol=1e-9)


def test_values_that_are_no_classes_are_ranked_and_measured():
    rng = np.random.default_rng(1)
    truth, guess = np.round(rng.normal(5, 1, (2, 60)), 1)
    counts = rng.multinomial(60, np.full(60, 1 / 60), size=5)
    for metric in (spearman, rmse, mae, r2):
        expected = [metric(np.repeat(truth, c), np.repeat(guess, c)) for c in counts]
        np.testing.assert_allclose(kernel_for(metric, truth, guess)(counts), expected, atol=1e-9)


@pytest.mark.parametrize("metric", [roc_auc, pr_auc, ef_5pct, bedroc, spearman, r2])
def test_a_resample_where_the_metric_is_undefined_is_nan(metric):
    labels, scores = np.array([0.0, 0.0, 1.0]), np.array([0.3, 0.2, 0.1])
    only_one_row = np.array([[3, 0, 0]])
    assert math.isnan(kernel_for(metric, labels, scores)(only_one_row)[0])


def test_any_callable_is_resampled_on_its_rows():
    def best_label(y: np.ndarray, s: np.ndarray) -> float:
        return float(y[np.argmax(s)])

    labels, scores = np.array([4.0, 5.0, 6.0]), np.array([0.1, 0.2, 0.3])
    counts = np.array([[1, 1, 1], [2, 1, 0], [3, 0, 0]])
    assert kernel_for(best_label, labels, scores)(counts).tolist() == [6.0, 5.0, 4.0]
