import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from molq.calibset.two_sample import (
    classifier_auc,
    mean_of_pairs,
    mmd,
    mmd_permutation_p,
    relabellings,
    wasserstein_permutation_p,
)


def _kernel(rng, n):
    rows = rng.random((n, 6)).astype(np.float32)
    return rows @ rows.T


def test_mmd_equals_its_definition_over_pairs():
    kernel = _kernel(np.random.default_rng(0), 9)
    x, y = range(4), range(4, 9)
    expected = (
        np.mean([kernel[i, j] for i in x for j in x if i != j])
        + np.mean([kernel[i, j] for i in y for j in y if i != j])
        - 2 * np.mean([kernel[i, j] for i in x for j in y])
    )
    assert mmd(kernel[:4, :4], kernel[:4, 4:], mean_of_pairs(kernel[4:, 4:])) == pytest.approx(expected, abs=1e-6)


def test_relabellings_begin_with_the_truth_and_keep_the_sizes():
    labels = relabellings(3, 7, 50, np.random.default_rng(0))
    assert labels[0].tolist() == [True] * 3 + [False] * 7
    assert np.all(labels.sum(axis=1) == 3)
    assert len({row.tobytes() for row in labels}) > 20


def test_wasserstein_permutation_p_counts_scipys_distances():
    rng = np.random.default_rng(0)
    values = np.round(np.concatenate([rng.normal(0.7, 1, 12), rng.normal(0, 1, 30)]), 1)
    labels = relabellings(12, 30, 99, rng)
    distances = np.array([wasserstein_distance(values[row], values[~row]) for row in labels])
    assert wasserstein_permutation_p(values, labels) == np.mean(distances >= distances[0] - 1e-9)


def test_mmd_permutation_p_counts_the_discrepancies():
    rng = np.random.default_rng(1)
    kernel = _kernel(rng, 25)
    labels = relabellings(8, 17, 99, rng)
    found = np.array(
        [mmd(kernel[r][:, r], kernel[r][:, ~r], mean_of_pairs(kernel[~r][:, ~r])) for r in labels], np.float64
    )
    assert mmd_permutation_p(kernel, labels) == pytest.approx(np.mean(found >= found[0] - 1e-6), abs=0.02)


def test_samples_far_apart_have_the_least_possible_p():
    labels = relabellings(20, 60, 199, np.random.default_rng(0))
    values = np.concatenate([np.full(20, 9.0), np.zeros(60)])
    assert wasserstein_permutation_p(values, labels) == 1 / 200


def test_a_classifier_tells_apart_only_what_differs():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 5)).astype(np.float32), rng.normal(size=(150, 5)).astype(np.float32)
    assert abs(classifier_auc(x, y, 0) - 0.5) < 0.12
    assert classifier_auc(x + 3, y, 0) > 0.99
    assert classifier_auc(x, y, 2**32) == classifier_auc(x, y, 0)
