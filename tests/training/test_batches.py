from __future__ import annotations

import math

import numpy as np
import pytest

from molq.errors import InputError, UnsupportedError
from molq.training.batches import balanced_rows, cut, epoch_rows, labelled_rows

SMILES = ["C", "CC", "CCC", "CCCC", "CCCCC", "CCCCCC"]


def test_an_epoch_is_every_row_once_in_an_order_of_its_own():
    rng = np.random.default_rng(0)
    rows = np.arange(3, 40)
    first, second = epoch_rows(rows, rng), epoch_rows(rows, rng)
    assert sorted(first) == sorted(second) == rows.tolist()
    assert first.tolist() != second.tolist()
    assert epoch_rows(rows, np.random.default_rng(0)).tolist() == first.tolist()


def test_cut_keeps_every_row_and_leaves_none_alone():
    assert [b.tolist() for b in cut(np.arange(5), 2)] == [[0, 1], [2, 3, 4]]
    assert [len(b) for b in cut(np.arange(6), 2)] == [2, 2, 2]
    assert [len(b) for b in cut(np.arange(3), 1)] == [1, 1, 1]
    assert [len(b) for b in cut(np.arange(1), 64)] == [1]


def test_rows_without_any_label_are_left_out(label):
    nan = math.nan
    dataset = label(SMILES[:4], [[1, nan], [nan, nan], [nan, 0], [0, 1]])
    assert labelled_rows(dataset, np.array([1, 2, 3])).tolist() == [2, 3]


def test_balanced_rows_alternate_and_use_the_whole_rarer_class(label):
    dataset = label(SMILES, [[0], [1], [0], [0], [1], [0]])
    seen = set()
    for seed in range(20):
        rows = balanced_rows(dataset, np.arange(6), np.random.default_rng(seed))
        assert dataset.labels[rows, 0].tolist() == [1, 0, 1, 0]
        assert {1, 4} < set(rows.tolist())
        seen |= set(rows.tolist())
    assert seen == set(range(6))


def test_balance_that_cannot_be_had(label):
    rng = np.random.default_rng(0)
    with pytest.raises(UnsupportedError, match="one classification task"):
        balanced_rows(label(SMILES[:2], [[0, 1], [1, 0]]), np.arange(2), rng)
    with pytest.raises(UnsupportedError, match="regression"):
        balanced_rows(label(SMILES[:2], [[0.5], [1.5]], "regression"), np.arange(2), rng)
    with pytest.raises(InputError, match="both classes"):
        balanced_rows(label(SMILES[:2], [[1], [1]]), np.arange(2), rng)
