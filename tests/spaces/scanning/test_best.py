"""The best of many, kept in little room."""

from __future__ import annotations

import numpy as np

from molq.spaces.scanning.best import MAX_POSITIONS, BestFound, Found, height_of_nth, nothing, products_of


def found(heights: np.ndarray) -> Found:
    pieces = np.zeros((len(heights), MAX_POSITIONS), np.int32)
    pieces[:, 0] = np.arange(len(heights))
    return Found(heights.astype(np.float32), np.zeros(len(heights), np.int32), pieces)


def test_the_best_are_kept_whatever_comes_when() -> None:
    heights = np.random.default_rng(0).normal(size=5000)
    best = BestFound(100)
    for part in np.array_split(heights, 37):
        best.add(found(part))
    expected = np.sort(heights.astype(np.float32))[::-1][:100]
    assert best.found.heights.tolist() == expected.tolist()
    assert best.cut_off == expected[-1]


def test_nothing_was_let_go_while_there_is_room() -> None:
    best = BestFound(3)
    assert best.cut_off == -np.inf
    best.add(found(np.array([1.0, 1.0])))
    assert best.cut_off == -np.inf
    assert best.found.pieces[:, 0].tolist() == [0, 1], "of equal ones the first"
    best.add(nothing())
    assert len(best.found.heights) == 2


def test_a_product_of_several_spellings_counts_once() -> None:
    """Two sheets; in the second, pieces 0 and 1 of the second position are of one synthon."""
    synthons = [[np.array([0, 1]), np.array([0])], [np.array([7]), np.array([3, 3, 4])]]
    pieces = np.full((5, MAX_POSITIONS), -1, np.int32)
    pieces[:, :2] = [(0, 0), (0, 1), (0, 2), (1, 0), (0, 0)]
    some = Found(np.array([9, 8, 7, 6, 5], np.float32), np.array([1, 1, 1, 0, 0], np.int32), pieces)
    products = products_of(some, synthons)
    assert products[:, :4].tolist() == [[1, 7, 3, -1], [1, 7, 3, -1], [1, 7, 4, -1], [0, 1, 0, -1], [0, 0, 0, -1]]
    assert [height_of_nth(some, products, n) for n in (1, 2, 3, 4, 5)] == [9, 7, 6, 5, None]
