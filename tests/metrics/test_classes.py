import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, confusion_matrix

from molq.metrics.classes import best_threshold, called

NAN = float("nan")


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=2, max_size=40), st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_counts_are_those_of_scikit_learn(rows, threshold):
    y, s = np.array([row[0] for row in rows]), np.array([row[1] for row in rows]) / 8
    tn, fp, fn, tp = confusion_matrix(y, s >= threshold, labels=[0, 1]).ravel()
    assert called(y, s, threshold) == (tp, fn, fp, tn)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=2, max_size=40))
@settings(max_examples=50, deadline=None)
def test_no_threshold_is_better(rows):
    y, s = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], np.float32) / 8
    found = best_threshold(y, s)
    if len(set(y)) == 1:
        assert found is None
        return
    reached = balanced_accuracy_score(y, s >= found)
    assert reached == pytest.approx(max(balanced_accuracy_score(y, s >= t) for t in np.arange(0, 1.1, 1 / 16)))


def test_missing_labels_do_not_count():
    y, s = [1, NAN, 0, 1], [0.9, 0.8, 0.1, 0.2]
    assert called(y, s, 0.5) == (1, 1, 0, 1)
    assert best_threshold(y, s) == pytest.approx(0.15)


def test_of_equally_good_thresholds_the_one_nearest_to_a_half():
    assert best_threshold([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9]) == pytest.approx(0.5, abs=0.25)
    assert best_threshold([0, 1], [0.3, 0.31]) == pytest.approx(0.305)


def test_neighbouring_numbers_are_told_apart():
    low = np.float32(0.5)
    high = np.nextafter(low, np.float32(1))
    assert called([0, 1], [low, high], best_threshold([0, 1], [low, high])) == (1, 0, 0, 1)
