import re

import pytest

from molq.errors import OutputError
from molq.report.calibset_figures import histogram_svg, strip_svg
from molq.report.calibset_html import calibset_html, write_calibset_report
from molq.report.calibset_text import validation_text

MEASURE = {
    "name": "element_coverage",
    "label": "library molecules all of whose elements are in the set",
    "group": "chemistry",
    "kind": None,
    "unit": "%",
    "log_floor": None,
    "larger_is_worse": False,
    "value": 0.62,
    "null_min": 0.97,
    "null_low": 0.98,
    "null_median": 0.99,
    "null_high": 0.995,
    "null_max": 1.0,
    "z": 60.0,
    "p_value": 0.003,
    "permutation_p": None,
}
HISTOGRAM = {
    "property": "logp",
    "label": "logP",
    "edges": [-1.0, 0.0, 1.0],
    "library": [0.5, 0.5],
    "chosen": [0.2, 0.8],
}
VALIDATION = {
    "calibset": "c<script>.csv",
    "library": "hiv",
    "verdict": "not representative",
    "p_value": 1 / 301,
    "reasons": [
        {
            "statistic": "element_coverage",
            "finding": "no Cl & no Br",
            "remedy": "do: `molq calibset build`",
            "also": [],
        }
    ],
    "measures": [MEASURE],
    "missing": {"elements": [["Cl", 0.2]], "charges": [], "scaffolds": [["", 0.1]]},
    "histograms": [HISTOGRAM],
    "set_molecules": 200,
    "set_rejected": 0,
    "library_molecules": 41127,
    "library_used": 9990,
    "library_rejected": 10,
    "draws": 300,
    "draw_size": 200,
    "seed": 0,
}


SITES = [
    MEASURE
    | {"name": f"{kind}@encoder.W_h:{i}", "kind": kind, "group": "activations", "unit": unit, "z": float(10 * i)}
    for i in range(15)
    for kind, unit in (("beyond_range", "%"), ("quantile_ratio", ""), ("sqnr", "dB"), ("silent_channels", "%"))
]
OUTCOME = MEASURE | {"name": "rank_disagreement", "group": "outcome", "log_floor": 1e-7, "unit": "", "z": 0.5}
WITH_MODEL = VALIDATION | {
    "measures": [MEASURE, *SITES, OUTCOME],
    "model": {
        "path": "m<b>.molq",
        "members": 2,
        "scheme": "int8",
        "observer": "minmax",
        "library_gathered": 5000,
        "library_scored": 1000,
    },
}


def _marker_x(svg):
    return float(re.search(r'(?:cx="|<path d="M )([\d.]+)', svg)[1])


def test_the_page_says_what_was_found_and_escapes_names():
    page = calibset_html(VALIDATION)
    assert "not representative" in page
    assert "0 of 300 random draws" in page
    assert "no Cl &amp; no Br" in page
    assert "<code>molq calibset build</code>" in page
    assert "c<script>" not in page
    assert "a seeded draw of 10,000" in page


def test_the_page_loads_nothing():
    assert not re.search(r"(src|href)=|url\(|@import|<script", calibset_html(VALIDATION))


def test_worse_lies_to_the_right_whichever_way_the_statistic_points():
    for larger_is_worse in (False, True):
        measure = MEASURE | {"larger_is_worse": larger_is_worse}
        at = {value: _marker_x(strip_svg(measure | {"value": value}, False)) for value in (0.975, 0.999)}
        assert (at[0.975] < at[0.999]) == larger_is_worse


def test_a_value_off_the_scale_is_an_arrow_at_the_edge():
    assert "<circle" in strip_svg(MEASURE | {"value": 0.99}, False)
    assert "<circle" not in strip_svg(MEASURE, True)
    assert _marker_x(strip_svg(MEASURE, True)) > 200


def test_equal_draws_do_not_break_the_scale():
    equal = dict.fromkeys(("null_min", "null_low", "null_median", "null_high", "null_max"), 1.0)
    assert "nan" not in strip_svg(MEASURE | equal | {"value": 1.0}, False)


def test_histogram_heights_follow_the_shares():
    heights = re.findall(r"[\d.]+,([\d.]+)", histogram_svg(HISTOGRAM).split("polyline")[1])
    assert float(heights[1]) > float(heights[3])  # y grows downwards


def test_a_report_that_cannot_be_written_is_an_output_error(tmp_path):
    write_calibset_report(tmp_path / "r.html", VALIDATION)
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    with pytest.raises(OutputError, match="cannot be written"):
        write_calibset_report(tmp_path / "absent" / "r.html", VALIDATION)


def test_call_sites_are_listed_the_worst_first():
    page = calibset_html(WITH_MODEL)
    assert page.index("encoder.W_h:14") < page.index("encoder.W_h:13") < page.index("<details>")
    assert page.index("<details>") < page.index("encoder.W_h:2<")
    assert "m<b>" not in page
    assert "5,000 library molecules" in page
    assert "<details>" not in calibset_html(VALIDATION)


def test_the_text_says_what_each_group_of_statistics_says():
    text = validation_text(WITH_MODEL)
    assert "chemistry 60.0, activations 140.0, outcome 0.5." in text
    assert "within what random draws give" in text
    assert "and 3 more call sites" in text
    assert "Worst SD" not in validation_text(VALIDATION)


def test_draws_smaller_than_the_set_and_rows_left_out_are_said_to_be():
    small = VALIDATION | {"draw_size": 90, "set_rejected": 3}
    for text in (calibset_html(small), validation_text(small)):
        assert "too small for draws of 197" in text
    assert "3 of the 200 rows of the set do not parse" in validation_text(small)
    assert "too small" not in calibset_html(VALIDATION) + validation_text(VALIDATION)


def test_logarithmic_statistics_are_drawn_so():
    draws = {"null_min": 1e-6, "null_low": 1e-5, "null_median": 1e-4, "null_high": 1e-3, "null_max": 1e-2}
    measure = MEASURE | draws | {"larger_is_worse": True, "value": 1e-3}
    assert _marker_x(strip_svg(measure, False)) < 80
    assert _marker_x(strip_svg(measure | {"log_floor": 1e-7}, False)) > 120
