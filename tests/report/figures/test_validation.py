from __future__ import annotations

import re

import msgspec
from made_results import make_measure, make_validation

from molq.report.figures.validation import histogram, strip


def marker_x(svg: str) -> float:
    found = re.search(r'(?:cx="|<path d="M )([\d.]+)', svg)
    assert found is not None
    return float(found[1])


def test_worse_lies_to_the_right_whichever_way_the_statistic_points():
    for larger_is_worse in (False, True):
        at = {v: marker_x(strip(make_measure(larger_is_worse=larger_is_worse, value=v), False)) for v in (0.975, 0.999)}
        assert (at[0.975] < at[0.999]) == larger_is_worse


def test_a_value_off_the_scale_is_an_arrow_at_the_edge():
    assert "<circle" in strip(make_measure(value=0.99), False)
    assert "<circle" not in strip(make_measure(), True)
    assert marker_x(strip(make_measure(), True)) > 200


def test_equal_draws_do_not_break_the_scale():
    equal = dict.fromkeys(("null_min", "null_low", "null_median", "null_high", "null_max"), 1.0)
    assert "nan" not in strip(make_measure(**equal, value=1.0), False)


def test_logarithmic_statistics_are_drawn_so():
    draws = {"null_min": 1e-6, "null_low": 1e-5, "null_median": 1e-4, "null_high": 1e-3, "null_max": 1e-2}
    assert marker_x(strip(make_measure(**draws, larger_is_worse=True, value=1e-3), False)) < 80
    logarithmic = make_measure(**draws, larger_is_worse=True, value=1e-3, log_floor=1e-7)
    assert marker_x(strip(logarithmic, False)) > 120


def test_a_fault_is_red():
    assert "var(--bad)" in strip(make_measure(), True)
    assert "var(--good)" in strip(make_measure(value=0.99), False)


def test_histogram_heights_follow_the_shares():
    (found,) = make_validation().histograms
    heights = re.findall(r"[\d.]+,([\d.]+)", histogram(found).split("polyline")[1])
    assert float(heights[1]) > float(heights[3])  # y grows downwards


def test_a_value_beyond_all_draws_that_is_no_fault_is_neither_good_nor_bad():
    assert "var(--good)" in strip(make_measure(value=0.975), False)
    assert "var(--open)" in strip(make_measure(value=0.965), False)
    assert "var(--bad)" in strip(make_measure(value=0.965), True)
    assert "var(--good)" in strip(make_measure(value=1.01), False)
    assert "var(--open)" in strip(make_measure(value=1.01, larger_is_worse=True), False)


def test_the_ends_of_an_axis_have_three_digits():
    (found,) = make_validation().histograms
    edges = tuple(-2.8712 + i for i in range(len(found.edges)))
    svg = histogram(msgspec.structs.replace(found, edges=edges))
    assert re.findall(r">([−\d.]+)</text>", svg)[0] == "−2.87"
