from __future__ import annotations

import numpy as np

from molq.data.draw import draw


def test_a_draw_is_ascending_holds_nothing_twice_and_hangs_on_the_seed():
    drawn = draw(1000, 50, 3)
    assert len(drawn) == 50
    assert (np.diff(drawn) > 0).all()
    assert np.array_equal(drawn, draw(1000, 50, 3))
    assert not np.array_equal(drawn, draw(1000, 50, 4))
    assert np.array_equal(drawn, draw(1000, 50, np.random.default_rng(3)))


def test_what_is_no_more_than_asked_for_is_taken_whole():
    assert draw(5, 5, 0).tolist() == draw(5, 50, 0).tolist() == [0, 1, 2, 3, 4]
    assert draw(0, 5, 0).tolist() == []


def test_every_row_is_equally_likely():
    counts = np.bincount(np.concatenate([draw(10, 3, seed) for seed in range(3000)]), minlength=10)
    assert np.abs(counts - 900).max() < 5 * np.sqrt(3000 * 0.3 * 0.7)
