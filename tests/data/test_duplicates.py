import numpy as np
import pytest

from molq.data.duplicates import settle_duplicates
from molq.errors import InputError

NAN = float("nan")
FIRST = np.array([0, 1, 0, 3, 1, 0])
LABELS = np.array([[1.0, NAN], [2.0, 5.0], [4.0, 1.0], [3.0, 3.0], [2.0, NAN], [NAN, 1.0]], np.float32)


def test_copies_are_kept_and_said():
    found = settle_duplicates(FIRST, LABELS, "regression")
    assert found.kept.tolist() == list(range(6))
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.note.startswith("2 molecules stand in 5 rows; the labels of 1 of them disagree by up to 3")
    assert "`duplicates`" not in found.note
    assert "`duplicates` can average them" in settle_duplicates(FIRST, LABELS, "regression", "keep").note


def test_the_mean_of_the_labels_stands_on_the_first():
    found = settle_duplicates(FIRST, LABELS, "regression", "mean")
    assert found.kept.tolist() == [0, 1, 3]
    np.testing.assert_array_equal(found.labels, np.array([[2.5, 1.0], [2.0, 5.0], [3.0, 3.0]], np.float32))


def test_all_copies_of_a_molecule_whose_labels_disagree_are_dropped():
    found = settle_duplicates(FIRST, LABELS, "regression", "drop-conflicts")
    assert found.kept.tolist() == [1, 3, 4]
    np.testing.assert_array_equal(found.labels, LABELS[[1, 3, 4]])
    assert "all 3 rows of these are left out" in found.note


def test_nothing_is_said_of_different_molecules():
    found = settle_duplicates(np.arange(6), LABELS, "regression", "drop-conflicts")
    assert (found.kept.tolist(), found.note) == (list(range(6)), None)


def test_classes_have_no_mean_and_other_words_no_meaning():
    with pytest.raises(InputError, match="`duplicates` is mean, which classes have none"):
        settle_duplicates(FIRST, LABELS, "classification", "mean")
    with pytest.raises(InputError, match="`duplicates` is 'first'; choose from keep, mean, drop-conflicts"):
        settle_duplicates(FIRST, LABELS, "regression", "first")
