import numpy as np
import pytest

from molq.workflows.hits.best import Best


def best_of(scores, size, lowest, chunk):
    best = Best[int](size, lowest)
    for start in range(0, len(scores), chunk):
        best.offer(scores[start : start + chunk], lambda place, start=start: start + place)
    return best


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("chunk", [1, 3, 50, 1000])
def test_the_same_rows_as_of_a_stable_sort_however_they_come(chunk, lowest):
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 40, 300).astype(float)
    scores[rng.random(300) < 0.2] = np.nan
    found = best_of(scores, 25, lowest, chunk)
    given = [row for row in range(300) if not np.isnan(scores[row])]
    ordered = sorted(given, key=lambda row: (scores[row] if lowest else -scores[row], row))
    assert found.rows() == ordered[:25]
    assert found.n_rows == len(given)
    assert found.n_tied_out == sum(scores[row] == scores[ordered[24]] for row in ordered[25:])


def test_fewer_rows_than_are_wanted_and_none():
    assert best_of(np.array([1.0, np.nan, 3.0]), 5, False, 2).rows() == [2, 0]
    assert best_of(np.full(4, np.nan), 5, False, 2).rows() == []


def test_rows_are_made_only_where_they_are_kept():
    made = []
    best = Best[int](2, False)
    best.offer(np.array([5.0, 4.0]), lambda place: made.append(place) or place)
    best.offer(np.array([3.0, 4.0, 1.0]), lambda place: made.append(place) or place)
    assert made == [0, 1]
