from __future__ import annotations

from molq.report import numbers


def test_signs_are_typographic_and_zero_has_none():
    assert numbers.signed(0.00021) == "+0.0002"
    assert numbers.signed(-0.00021) == "−0.0002"
    assert numbers.signed(-0.00001) == numbers.signed(0.0) == "0.0000"


def test_absence_is_a_dash():
    assert numbers.decimal(None) == numbers.signed(None) == numbers.percent(None) == "–"
    assert numbers.interval({"a": None, "a_low": None, "a_high": None}, "a") == "–"
    assert numbers.signed_interval({"a": None, "a_low": None, "a_high": None}, "a") == "–"


def test_intervals_and_sizes():
    fields = {"a": 0.7321, "a_low": 0.646, "a_high": 0.8121}
    assert numbers.interval(fields, "a") == "0.732 [0.646, 0.812]"
    assert numbers.signed_interval({"d": 0.0, "d_low": -0.0007, "d_high": 0.0014}, "d") == "0.0000 [−0.0007, +0.0014]"
    assert numbers.kilobytes(1_281_228) == "1,281.2 kB"
    assert numbers.percent(0.9961) == "99.6%"


def test_a_split_without_a_seed_names_none():
    assert numbers.seed_phrase({"method": "random", "seed": 3}) == "random split, seed 3"
    assert numbers.seed_phrase({"method": "scaffold", "seed": None}) == "scaffold split"


def test_the_difference_of_roc_auc_has_its_own_name():
    assert numbers.difference_key("roc_auc") == "delta_auc"
    assert numbers.difference_key("rmse") == "delta_rmse"
