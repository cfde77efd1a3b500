from __future__ import annotations

import math

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.quant.scheme import get_scheme
from molq.results.validation import RangeEnd
from molq.workflows.validity.ends import Reach, range_ends, reach
from molq.workflows.validity.profile import Profiler


def sides(low: list[list[float]], high: list[list[float]]) -> Reach:
    return Reach(np.array(low, np.float32), np.array(high, np.float32))


def test_the_end_that_is_overstepped_farther_is_named_with_who_reaches_there():
    ours = sides([[-1, -1], [-2, 0]], [[4, 1], [3, 2]])
    library = sides([[-1, -3], [-1, -2]], [[6, 1], [5, 2]])
    up, down = range_ends(["a:0", "b:0"], ours, library, ["C", "CC"], ["O", "OO"])
    assert up == RangeEnd("a:0", 4.0, "C", 6.0, "O")
    assert down == RangeEnd("b:0", -1.0, "C", -3.0, "O")
    assert (up.overshoot, down.overshoot) == (1.5, 3.0)


def test_a_side_that_nobody_reaches_is_not_overstepped():
    (end,) = range_ends(["a:0"], sides([[0]], [[1]]), sides([[0]], [[0.5]]), ["C"], ["O"])
    assert (end.chosen, end.overshoot) == (1.0, 0.5)
    (none,) = range_ends(["a:0"], sides([[0]], [[0]]), sides([[0]], [[2]]), ["C"], ["O"])
    assert math.isinf(none.overshoot)


def test_the_reach_of_all_together_is_their_profile(model):
    profiler = Profiler(model.network, get_scheme("int8"))
    graphs = featurize(["CCO", "c1ccccc1N", "CC(=O)O"]).graphs
    found, together = reach(profiler, graphs), profiler.together(graphs)
    assert found.high.max(axis=0) == pytest.approx(together.high)
    assert found.low.min(axis=0) == pytest.approx(together.low)
