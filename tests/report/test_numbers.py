from __future__ import annotations

from math import nan

from molq.metrics.significance import Difference, Interval
from molq.report import numbers


def test_signs_are_typographic_and_zero_has_none():
    assert numbers.signed(0.00021) == "+0.0002"
    assert numbers.signed(-0.00021) == "−0.0002"
    assert numbers.signed(-0.00001) == numbers.signed(0.0) == "0.0000"
    assert numbers.short(-1.5) == "−1.5"
    assert numbers.span(-0.5, 0.0) == "−0.5 to 0"


def test_absence_is_a_dash():
    for absent in (None, nan):
        assert numbers.decimal(absent) == numbers.signed(absent) == numbers.percent(absent) == "–"
    assert numbers.interval(None) == numbers.signed_interval(None) == "–"


def test_a_value_without_an_interval_stands_alone():
    assert numbers.interval(Interval(0.7, nan, nan, 1, 0.95)) == "0.700"
    assert numbers.signed_interval(Difference(nan, nan, nan, 0, 0.95)) == "–"


def test_intervals_and_sizes():
    assert numbers.interval(Interval(0.7321, 0.646, 0.8121, 100, 0.95)) == "0.732 [0.646, 0.812]"
    assert numbers.signed_interval(Difference(0.0, -0.0007, 0.0014, 100, 0.95)) == "0.0000 [−0.0007, +0.0014]"
    assert numbers.kilobytes(1_281_228) == "1,281.2 kB"
    assert numbers.percent(0.9961) == "99.6%"
    assert numbers.times(1.8149) == "1.81×"
    assert numbers.scientific(0.00189) == "1.9e−3"
    assert numbers.decibels(None, 0.0) == "exact"
    assert numbers.decibels(None, 0.1) == "–"
    assert numbers.decibels(-1.04) == "−1.0 dB"


def test_numbers_that_differ_look_different():
    assert numbers.apart(2.6181, 2.6243) == ["2.618", "2.624"]
    assert numbers.apart(6.5, -1.5, 0.0) == ["6.5", "−1.5", "0"]
    assert numbers.apart(0.1234567, 0.1234567) == ["0.123", "0.123"]
    assert numbers.rough(5.71e-5, 2) == "5.7e−05"


def test_a_split_without_a_seed_names_none():
    assert numbers.seed_phrase("random", 3) == "random split, seed 3"
    assert numbers.seed_phrase("scaffold", None) == "scaffold split"


def test_scores_of_every_size_are_told_apart():
    assert [numbers.score_text(value) for value in (0.9375, -12.5, 0.0, 0.001)] == [
        "0.9375",
        "−12.5000",
        "0.0000",
        "0.0010",
    ]
    assert [numbers.score_text(value) for value in (1.594e-6, -6.6e-9, 0.0004)] == ["1.594e−06", "−6.6e−09", "0.0004"]
    assert numbers.score_text(12_345_678.9) == "1.235e+07"
    assert numbers.score_text(None) == numbers.score_text(float("nan")) == "–"


def test_what_is_small_is_not_zero_unless_rounding_made_it():
    assert [numbers.decimal(value) for value in (6.6e-7, -0.0004, 0.0005, 0.0, 4e-17)] == [
        "6.6e−07",
        "−0.0004",
        "0.001",
        "0.000",
        "0.000",
    ]
    assert numbers.interval(Interval(6.6e-7, 5.1e-7, 8e-7, 12, 0.95)) == "6.6e−07 [5.1e−07, 8e−07]"
