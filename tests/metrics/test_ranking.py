from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from rdkit.ML.Scoring import Scoring
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, mean_absolute_error, mean_squared_error, r2_score, roc_auc_score

from molq.errors import InputError
from molq.metrics.ranking import (
    bedroc,
    bedroc_20,
    ef_1pct,
    ef_5pct,
    enrichment,
    hit_overlap,
    hit_overlap_1pct,
    mae,
    pr_auc,
    r2,
    rmse,
    roc_auc,
    spearman,
    task_mean,
    top_count,
)

CLASS_METRICS = [roc_auc, pr_auc, ef_1pct, ef_5pct, bedroc_20]
VALUE_METRICS = [spearman, rmse, mae, r2]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def untied_ranking(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    labels = (rng.random(n) < 0.1).astype(float)
    labels[0] = 1.0
    return labels, rng.permutation(n) + labels * n / 3 + rng.random(n) / 10


@pytest.mark.parametrize("n", [30, 101, 1000])
@pytest.mark.parametrize("alpha", [5.0, 20.0, 80.5])
def test_bedroc_is_rdkits_on_untied_scores(rng, n, alpha):
    labels, scores = untied_ranking(rng, n)
    ranked = labels[np.argsort(-scores), None].tolist()
    assert bedroc(labels, scores, alpha) == pytest.approx(Scoring.CalcBEDROC(ranked, 0, alpha), abs=1e-12)


@pytest.mark.parametrize("n", [30, 101, 1000])
@pytest.mark.parametrize("fraction", [0.01, 0.05, 0.1, 0.5])
def test_enrichment_is_rdkits_on_untied_scores(rng, n, fraction):
    labels, scores = untied_ranking(rng, n)
    ranked = labels[np.argsort(-scores), None].tolist()
    assert enrichment(labels, scores, fraction) == pytest.approx(Scoring.CalcEnrichment(ranked, 0, [fraction])[0])


def orders_of_ties(scores: np.ndarray) -> list[np.ndarray]:
    """Every order of the rows that is sorted best first, each equally likely."""
    rows = range(len(scores))
    return [np.array(p) for p in itertools.permutations(rows) if (np.diff(scores[list(p)]) <= 0).all()]


TIED = [
    (np.array([1.0, 0, 1, 0, 0, 1]), np.array([0.9, 0.9, 0.9, 0.5, 0.5, 0.1])),
    (np.array([0.0, 1, 0, 0, 1, 0]), np.array([0.7, 0.3, 0.7, 0.3, 0.3, 0.3])),
    (np.array([0.0, 0, 0, 1, 1, 0]), np.zeros(6)),
    (np.array([0.0, 1, 1, 1, 1]), np.array([2.0, 2, 1, 1, 0])),
]


@pytest.mark.parametrize(("labels", "scores"), TIED)
@pytest.mark.parametrize("fraction", [0.1, 0.34, 0.5, 0.8, 1.0])
def test_enrichment_of_ties_is_the_mean_over_their_orders(labels, scores, fraction):
    n_top = math.ceil(fraction * len(labels))
    found = [labels[order][:n_top].mean() / labels.mean() for order in orders_of_ties(scores)]
    assert enrichment(labels, scores, fraction) == pytest.approx(np.mean(found), abs=1e-12)


@pytest.mark.parametrize(("labels", "scores"), TIED)
def test_bedroc_of_ties_is_the_mean_over_their_orders(labels, scores):
    values = [Scoring.CalcBEDROC(labels[order, None].tolist(), 0, 20.0) for order in orders_of_ties(scores)]
    assert bedroc(labels, scores) == pytest.approx(np.mean(values), abs=1e-12)


@pytest.mark.parametrize("fraction", [0.1, 0.4, 0.5])
@pytest.mark.parametrize(
    ("reference", "scores"),
    [
        (np.array([5.0, 4, 3, 2, 1]), np.array([3.0, 3, 3, 1, 1])),
        (np.array([2.0, 2, 1, 1, 1]), np.array([1.0, 2, 2, 2, 0])),
        (np.zeros(5), np.array([1.0, 0, 1, 0, 1])),
    ],
)
def test_hit_overlap_of_ties_is_the_mean_over_their_orders(reference, scores, fraction):
    n_top = math.ceil(fraction * 5)
    shared = [
        len(set(a[:n_top]) & set(b[:n_top])) / n_top for a in orders_of_ties(reference) for b in orders_of_ties(scores)
    ]
    assert hit_overlap(reference, scores, fraction) == pytest.approx(np.mean(shared), abs=1e-12)


def test_hit_overlap_of_untied_scores(rng):
    reference = rng.random(500)
    assert hit_overlap_1pct(reference, reference * 3 + 1) == 1.0
    assert hit_overlap(reference, -reference, 0.5) == 0.0


def test_threshold_metrics_are_scikit_learns(rng):
    labels, scores = untied_ranking(rng, 400)
    scores = np.round(scores / 20)
    assert roc_auc(labels, scores) == roc_auc_score(labels, scores)
    assert pr_auc(labels, scores) == average_precision_score(labels, scores)


def test_value_metrics_are_those_of_scipy_and_scikit_learn(rng):
    truth = np.round(rng.normal(size=200), 1)
    guess = np.round(truth + rng.normal(size=200), 1)
    assert spearman(truth, guess) == pytest.approx(spearmanr(truth, guess).statistic, abs=1e-12)
    assert rmse(truth, guess) == pytest.approx(math.sqrt(mean_squared_error(truth, guess)))
    assert mae(truth, guess) == pytest.approx(mean_absolute_error(truth, guess))
    assert r2(truth, guess) == pytest.approx(r2_score(truth, guess))


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_the_order_of_the_rows_does_not_matter(metric, rng):
    labels, scores = untied_ranking(rng, 300)
    scores = np.round(scores / 40)
    order = rng.permutation(300)
    assert metric(labels, scores) == pytest.approx(metric(labels[order], scores[order]), abs=1e-12)


@pytest.mark.parametrize("metric", [*CLASS_METRICS, *VALUE_METRICS])
def test_missing_labels_are_left_out(metric, rng):
    labels, scores = untied_ranking(rng, 300)
    gaps = np.concatenate([labels, [math.nan] * 3])
    assert metric(gaps, np.concatenate([scores, [1e9, -1e9, math.nan]])) == metric(labels, scores)


@pytest.mark.parametrize("metric", CLASS_METRICS)
@pytest.mark.parametrize("labels", [[], [1.0], [1.0, 1.0, 1.0], [0.0, 0.0], [math.nan, math.nan]])
def test_class_metrics_of_one_class_are_nan(metric, labels):
    assert math.isnan(metric(np.array(labels), np.arange(len(labels), dtype=float)))


@pytest.mark.parametrize("metric", [spearman, r2])
@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0, 2.0]])
def test_metrics_of_spread_are_nan_without_spread(metric, values):
    assert math.isnan(metric(np.array(values), np.arange(len(values), dtype=float)))


def test_errors_of_no_rows_are_nan():
    assert math.isnan(rmse([], []))
    assert math.isnan(mae([], []))


def test_all_scores_tied_is_chance():
    labels = np.array([1.0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    scores = np.full(10, 0.3)
    assert roc_auc(labels, scores) == 0.5
    assert enrichment(labels, scores, 0.1) == pytest.approx(1.0)


@pytest.mark.parametrize("metric", [*CLASS_METRICS, *VALUE_METRICS])
def test_a_nan_score_is_named(metric):
    with pytest.raises(InputError, match="row 2 is NaN"):
        metric(np.array([0.0, 1, 1]), np.array([0.1, 0.2, math.nan]))


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_a_label_outside_the_classes_is_named(metric):
    with pytest.raises(InputError, match="label 2 is neither"):
        metric(np.array([0.0, 1, 2]), np.array([0.1, 0.2, 0.3]))


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.5])
def test_a_fraction_outside_the_list_is_refused(fraction):
    with pytest.raises(InputError, match="fraction"):
        enrichment(np.array([0.0, 1]), np.array([0.1, 0.2]), fraction)


def test_unlike_lengths_are_refused():
    with pytest.raises(InputError, match="one length"):
        roc_auc(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize(("n", "fraction", "expected"), [(300, 0.01, 3), (301, 0.01, 4), (100, 0.07, 7), (5, 0.01, 1)])
def test_top_count_rounds_up_but_not_for_float_noise(n, fraction, expected):
    assert top_count(n, fraction) == expected


def test_task_mean_skips_undefined_tasks(rng):
    labels = (rng.random((50, 3)) < 0.4).astype(float)
    labels[:, 1] = 1.0
    scores = rng.random((50, 3))
    expected = (roc_auc(labels[:, 0], scores[:, 0]) + roc_auc(labels[:, 2], scores[:, 2])) / 2
    assert task_mean(roc_auc, labels, scores) == pytest.approx(expected)
    assert math.isnan(task_mean(roc_auc, labels[:, 1], scores[:, 1]))


def test_task_mean_refuses_unlike_shapes():
    with pytest.raises(InputError, match="one shape"):
        task_mean(roc_auc, np.zeros((3, 2)), np.zeros((3, 1)))
