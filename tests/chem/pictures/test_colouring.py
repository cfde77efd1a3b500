from __future__ import annotations

import math

import pytest

from molq.chem.pictures.colouring import NOTHING, STEPS, colouring
from molq.errors import InputError


def test_the_largest_value_is_the_strongest_by_default():
    assert colouring(3, [0.5, -2.0, 0.0], None) == ({0: 1}, {1: STEPS}, frozenset())


def test_values_beyond_the_limit_are_as_strong_as_the_limit():
    assert colouring(2, [9.0, -9.0], 1.0) == ({0: STEPS}, {1: STEPS}, frozenset())


@pytest.mark.parametrize("values", [[0.0, 0.0], [math.nan, 0.0], [0.0, 0.01]])
def test_what_is_nothing_or_no_number_stays_without_colour(values):
    assert colouring(2, values, 1.0) == NOTHING


def test_infinite_values_are_as_strong_as_can_be():
    assert colouring(2, [math.inf, -math.inf], 1.0) == ({0: STEPS}, {1: STEPS}, frozenset())


def test_values_and_marks_must_be_of_the_molecule():
    assert colouring(2, None, None, [1]).marked == {1}
    with pytest.raises(InputError, match="1 values for the 2 atoms"):
        colouring(2, [1.0], None)
    with pytest.raises(InputError, match="atom -1 cannot be marked: the molecule has 2"):
        colouring(2, None, None, [-1])
