"""The best of many, kept in little room."""

from __future__ import annotations

import numpy as np

from molq.spaces.best import MAX_POSITIONS, BestFound, Found, nothing


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
