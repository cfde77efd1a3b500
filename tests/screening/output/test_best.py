from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.screening.output.best import BestRow, BestRows

few_scores = st.lists(st.sampled_from([0.0, 0.25, 0.5, -1.0]), max_size=30)


def rows_with(scores: list[float]) -> list[BestRow]:
    return [BestRow(score, row, [f"M{row}"], [score]) for row, score in enumerate(scores)]


@given(few_scores, st.integers(1, 8), st.booleans(), st.randoms())
def test_they_are_the_head_of_the_sorted_rows_in_whatever_order_they_come(scores, k, lowest, chance):
    rows = rows_with(scores)
    expected = sorted(rows, key=lambda row: (row.score if lowest else -row.score, row.row))[:k]
    chance.shuffle(rows)
    best = BestRows(k, lowest)
    best.add(rows)
    assert best.sorted() == expected


@pytest.mark.parametrize("lowest", [False, True])
def test_the_bound_is_the_worst_that_is_kept(lowest):
    best = BestRows(2, lowest)
    best.add(rows_with([0.5]))
    assert best.bound is None
    best.add(rows_with([0.25, 0.75]))
    assert best.bound == 0.5
