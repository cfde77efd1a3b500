from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from molq.errors import InputError
from molq.metrics.ranking import bedroc_20, ef_1pct, hit_overlap_5pct, pr_auc, r2, rmse, roc_auc, spearman, task_mean
from molq.metrics.significance import Difference, _draws, _strata, bootstrap, paired_bootstrap, verdict

N_SIMULATIONS = 400


def binormal(rng: np.random.Generator, n_actives: int, n_inactives: int, shift: float = 1.0):
    labels = np.repeat([1.0, 0.0], [n_actives, n_inactives])
    return labels, rng.normal(size=len(labels)) + shift * labels


def assert_about_95_percent(n_covered: int) -> None:
    """Within four binomial standard deviations of 0.95."""
    assert n_covered / N_SIMULATIONS == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / N_SIMULATIONS))


def test_the_interval_covers_the_true_auc_95_percent_of_the_time():
    rng = np.random.default_rng(11)
    truth = norm.cdf(1.0 / math.sqrt(2.0))
    covered = 0
    for seed in range(N_SIMULATIONS):
        interval = bootstrap(roc_auc, *binormal(rng, 60, 140), n_resamples=300, seed=seed)
        covered += interval.low <= truth <= interval.high
    assert_about_95_percent(covered)


def test_the_paired_interval_covers_a_true_difference_of_zero_95_percent_of_the_time():
    rng = np.random.default_rng(12)
    covered = 0
    for seed in range(N_SIMULATIONS):
        labels, shared = binormal(rng, 60, 140)
        first, second = (shared + rng.normal(size=200) / 2 for _ in range(2))
        difference = paired_bootstrap(roc_auc, labels, first, second, n_resamples=300, seed=seed)
        covered += difference.low <= 0 <= difference.high
    assert_about_95_percent(covered)


def test_the_interval_of_a_mean_over_tasks_covers_when_tasks_share_molecules():
    rng = np.random.default_rng(13)
    truth = norm.cdf(1.0 / math.sqrt(2.0))
    covered = 0
    for seed in range(N_SIMULATIONS):
        labels, shared = binormal(rng, 40, 80)
        scores = np.stack([shared + rng.normal(size=120) / 10 for _ in range(2)], axis=1)
        interval = bootstrap(roc_auc, np.stack([labels] * 2, axis=1), scores, n_resamples=200, seed=seed)
        covered += interval.low <= truth <= interval.high
    assert_about_95_percent(covered)


def test_pairing_narrows_the_interval():
    labels, scores = binormal(np.random.default_rng(1), 100, 300)
    nearly = scores + np.random.default_rng(2).normal(size=400) / 50
    alone = bootstrap(roc_auc, labels, scores)
    paired = paired_bootstrap(roc_auc, labels, scores, nearly)
    assert paired.high - paired.low < (alone.high - alone.low) / 10


def test_values_are_the_metrics_own():
    labels, scores = binormal(np.random.default_rng(1), 50, 150)
    other = np.round(scores)
    assert bootstrap(roc_auc, labels, scores, n_resamples=50).value == roc_auc(labels, scores)
    difference = paired_bootstrap(pr_auc, labels, scores, other, n_resamples=50)
    assert difference.value == pr_auc(labels, other) - pr_auc(labels, scores)
    assert difference.low <= difference.value <= difference.high


def test_same_seed_same_interval():
    labels, scores = binormal(np.random.default_rng(1), 20, 60)
    one = bootstrap(bedroc_20, labels, scores, n_resamples=100, seed=5)
    assert one == bootstrap(bedroc_20, labels, scores, n_resamples=100, seed=5)
    assert one != bootstrap(bedroc_20, labels, scores, n_resamples=100, seed=6)


def test_identical_scores_differ_by_exactly_nothing():
    labels, scores = binormal(np.random.default_rng(1), 20, 60)
    difference = paired_bootstrap(roc_auc, labels, scores, scores.copy(), n_resamples=200)
    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)
    assert verdict(difference) == "non-inferior"


def test_a_ruined_scoring_is_inferior():
    labels, scores = binormal(np.random.default_rng(1), 50, 150, shift=3.0)
    assert verdict(paired_bootstrap(roc_auc, labels, scores, -scores)) == "inferior"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.004, 0.01, "non-inferior"),
        (-0.005, 0.01, "inconclusive"),
        (-0.02, -0.005, "inconclusive"),
        (-0.02, -0.006, "inferior"),
        (math.nan, math.nan, "inconclusive"),
    ],
)
def test_verdict_by_the_bounds(low, high, expected):
    assert verdict(Difference(0.0, low, high, n=10, level=0.95), margin=0.005) == expected


def gappy_labels(rng: np.random.Generator, n: int = 90, n_tasks: int = 4) -> np.ndarray:
    labels = (rng.random((n, n_tasks)) < [0.5, 0.3, 0.1, 0.03]).astype(float)
    labels[rng.random(labels.shape) < 0.3] = math.nan
    labels[0] = [1, 1, 1, 1]
    return labels


@pytest.mark.parametrize("n_tasks", [1, 4])
def test_every_resample_keeps_the_class_counts_of_every_task(n_tasks):
    labels = gappy_labels(np.random.default_rng(3))[:, :n_tasks]
    known = [np.flatnonzero(~np.isnan(column)) for column in labels.T]
    strata = _strata(labels, list(range(n_tasks)), known)
    for counts in _draws(strata, len(labels), 300, np.random.default_rng(0)):
        for t, drawn in enumerate(counts):
            values = labels[known[t], t]
            for label in (0.0, 1.0):
                assert (drawn[:, values == label].sum(axis=1) == (values == label).sum()).all()


@pytest.mark.parametrize("n_tasks", [1, 4])
def test_every_molecule_of_a_stratum_is_drawn_alike(n_tasks):
    labels = gappy_labels(np.random.default_rng(3))[:, :n_tasks]
    known = [np.flatnonzero(~np.isnan(column)) for column in labels.T]
    chunks = list(_draws(_strata(labels, list(range(n_tasks)), known), len(labels), 4000, np.random.default_rng(0)))
    for t in range(n_tasks):
        drawn = np.concatenate([chunk[t] for chunk in chunks])
        assert drawn.mean(axis=0) == pytest.approx(np.ones(len(known[t])), abs=5 / math.sqrt(4000))


def test_tasks_of_one_resample_share_their_draws():
    labels, scores = binormal(np.random.default_rng(1), 60, 140)
    one = bootstrap(roc_auc, labels, scores)
    twins = bootstrap(roc_auc, np.stack([labels] * 4, axis=1), np.stack([scores] * 4, axis=1))
    assert twins.value == pytest.approx(one.value)
    assert twins.high - twins.low == pytest.approx(one.high - one.low, rel=0.1)


def test_several_tasks_with_gaps():
    rng = np.random.default_rng(3)
    labels = gappy_labels(rng)
    scores = rng.normal(size=labels.shape) + np.nan_to_num(labels)
    interval = bootstrap(roc_auc, labels, scores, n_resamples=200)
    assert interval.value == task_mean(roc_auc, labels, scores)
    assert interval.low < interval.value < interval.high
    assert interval.n == (~np.isnan(labels)).any(axis=1).sum()


def test_regression_metrics_are_resampled_without_strata():
    rng = np.random.default_rng(3)
    truth = rng.normal(size=200)
    guess = truth + rng.normal(size=200) / 2
    for metric in (rmse, r2, spearman, hit_overlap_5pct):
        interval = bootstrap(metric, truth, guess, n_resamples=200)
        assert interval.low < interval.value < interval.high


@pytest.mark.parametrize("metric", [roc_auc, pr_auc, ef_1pct, bedroc_20])
@pytest.mark.parametrize("labels", [[], [1.0], [1.0, 1.0, 1.0], [math.nan, math.nan, math.nan], [math.nan, 0.0, 0.0]])
def test_an_undefined_metric_has_a_nan_interval(metric, labels):
    labels = np.array(labels)
    scores = np.arange(len(labels), dtype=float)
    interval = bootstrap(metric, labels, scores, n_resamples=20)
    difference = paired_bootstrap(metric, labels, scores, -scores, n_resamples=20)
    assert all(math.isnan(x) for x in (interval.value, interval.low, interval.high))
    assert all(math.isnan(x) for x in (difference.value, difference.low, difference.high))


def test_all_ties_are_chance_without_width():
    interval = bootstrap(roc_auc, np.array([0.0, 1, 0, 1, 1]), np.zeros(5), n_resamples=50)
    assert (interval.value, interval.low, interval.high) == (0.5, 0.5, 0.5)


def test_a_nan_score_is_refused():
    with pytest.raises(InputError, match="row 1 is NaN"):
        bootstrap(roc_auc, np.array([0.0, 1]), np.array([0.5, math.nan]))


@pytest.mark.parametrize("options", [{"n_resamples": 0}, {"level": 1.0}, {"level": 0.0}])
def test_impossible_settings_are_refused(options):
    with pytest.raises(InputError):
        bootstrap(roc_auc, np.array([0.0, 1]), np.array([0.5, 0.6]), **options)
