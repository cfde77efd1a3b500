from __future__ import annotations

import math

import pytest
from made_results import make_validation

from molq.results.plain import plain
from molq.results.validation import RangeEnd, Validation
from molq.serial import from_builtins


@pytest.mark.parametrize("with_model", [False, True])
def test_json_is_read_back(with_model):
    found = make_validation(with_model=with_model)
    assert from_builtins(plain(found), Validation, "here") == found


def test_json_of_before_is_read_too():
    old = {key: value for key, value in plain(make_validation()).items() if key not in ("likeness", "ends")}
    assert from_builtins(old, Validation, "here").likeness is None


def test_overshoot_is_the_librarys_reach_over_the_sets():
    assert RangeEnd("a:0", -2.0, "C", -3.0, "O").overshoot == 1.5
    assert math.isinf(RangeEnd("a:0", 0.0, "C", 1.0, "O").overshoot)
    assert RangeEnd("a:0", 0.0, "C", 0.0, "O").overshoot == 1.0
