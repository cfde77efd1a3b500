from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from molq.errors import InputError
from molq.metrics.spread import error_spearman, nll, sparsification

RNG = np.random.default_rng(0)
LABELS = RNG.normal(size=200)
SPREADS = RNG.gamma(2, 0.3, 200)
VALUES = LABELS + SPREADS * RNG.normal(size=200)
SCORES = np.stack([VALUES, SPREADS], axis=1)


def test_they_are_what_scipy_and_the_definition_say():
    errors = np.abs(LABELS - VALUES)
    assert error_spearman(LABELS, SCORES) == pytest.approx(stats.spearmanr(errors, SPREADS).statistic)
    assert nll(LABELS, SCORES) == pytest.approx(-stats.norm.logpdf(LABELS, VALUES, SPREADS).mean())

    def kept(order):
        return np.mean([errors[order <= at].mean() for at in order])

    expected = (kept(SPREADS) - kept(errors)) / (errors.mean() - kept(errors))
    assert sparsification(LABELS, SCORES) == pytest.approx(expected)


def test_a_spread_that_knows_its_error_is_perfect_and_one_that_knows_nothing_is_chance():
    errors = np.abs(LABELS - VALUES)
    assert sparsification(LABELS, np.stack([VALUES, 3 * errors], axis=1)) == pytest.approx(0)
    blind = [sparsification(LABELS, np.stack([VALUES, RNG.random(200)], axis=1)) for _ in range(300)]
    assert np.mean(blind) == pytest.approx(1, abs=0.03)
    assert sparsification(LABELS, np.stack([VALUES, np.ones(200)], axis=1)) == pytest.approx(1)
    assert error_spearman(LABELS, np.stack([VALUES, errors], axis=1)) == 1


@pytest.mark.parametrize("metric", [error_spearman, sparsification, nll])
def test_order_does_not_matter_and_missing_labels_do_not_count(metric):
    tied = np.stack([VALUES, np.round(SPREADS, 1) + 0.1], axis=1)
    order = RNG.permutation(200)
    assert metric(LABELS[order], tied[order]) == pytest.approx(metric(LABELS, tied))
    some = np.where(RNG.random(200) < 0.3, math.nan, LABELS)
    assert metric(some, tied) == pytest.approx(metric(some[~np.isnan(some)], tied[~np.isnan(some)]))


def test_what_is_not_defined_is_nan():
    assert math.isnan(nll([], np.empty((0, 2))))
    assert math.isnan(sparsification([1.0], [[1.0, 2.0]]))
    assert math.isnan(sparsification([1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]]))
    assert math.isnan(error_spearman([1.0, 2.0], [[1.5, 1.0], [3.0, 1.0]]))
    assert nll([1.0], [[2.0, 0.0]]) == math.inf
    with pytest.raises(InputError, match="value and its spread"):
        nll([1.0], [1.0])
