from __future__ import annotations

import msgspec
from made_results import make_validation

from molq.report.pages.validation import validation_page


def test_the_page_says_what_was_found():
    page = validation_page(make_validation())
    assert "This calibration set does not represent the library</h1>" in page
    assert '<span class="badge bad">not representative</span>' in page
    assert "0 of 300 random draws" in page
    assert "No Cl &amp; no Br" in page
    assert "<code><span>molq</span> <span>calibset</span> <span>build</span></code>" in page
    assert "a seeded draw of 10,000" in page
    assert '<span class="fault">62%</span>' in page


def test_call_sites_are_listed_the_worst_first_and_the_rest_is_folded():
    page = validation_page(make_validation(with_model=True))
    assert page.index("encoder.W_h:14") < page.index("encoder.W_h:13") < page.index("3 more call sites")
    assert page.index("3 more call sites") < page.index("encoder.W_h:2<")
    assert "5,000 library molecules" in page
    assert "more call sites" not in validation_page(make_validation())


def test_scaffolds_that_are_missing_are_drawn():
    page = validation_page(make_validation())
    scaffolds = page.partition("scaffolds that are missing")[2].partition("<h2>")[0]
    assert scaffolds.count("<svg") == 1
    assert "acyclic molecules" in scaffolds


def test_further_reasons_are_folded_and_counted_on():
    reasons = make_validation().reasons * 4
    page = validation_page(msgspec.structs.replace(make_validation(), reasons=reasons))
    assert "<summary>2 more</summary>" in page
    assert '<ol class="reasons" start="7">' in page
    faultless = validation_page(msgspec.structs.replace(make_validation(), reasons=()))
    assert "Nothing about it is worse than chance" in faultless


def test_alarms_that_a_drawn_library_may_add_are_told_with_a_model_alone():
    assert "in up to 2.0% of cases" in validation_page(make_validation(with_model=True))
    assert "as many false alarms" not in validation_page(make_validation())


def test_the_molecules_of_the_set_are_drawn_from_the_most_to_the_least_like_the_library():
    page = validation_page(make_validation())
    found = page.partition("Molecules of the set")[2].partition("<h2>")[0]
    assert found.count('<figure class="card molecule">') == 14
    assert "4 more of the 200, in between" in found
    assert found.index("1.00") < found.index("Least like the library") < found.index("0.35")
    assert "c1ccccc1I" in page.partition("Molecules that the set is least like")[2].partition("<h3>")[0]


def test_results_without_molecules_have_no_place_for_them():
    page = validation_page(msgspec.structs.replace(make_validation(), likeness=None))
    assert "Molecules of the set" not in page
    assert "<dt>Tanimoto</dt>" in page


def test_molecules_that_set_a_range_and_those_that_overstep_it_are_drawn_with_a_model():
    page = validation_page(make_validation(with_model=True))
    setters = page.partition("so set the ranges")[2].partition("<h3>")[0]
    assert "2 of 2 ranges" in setters
    beyond = page.partition("reach beyond")[2].partition("<h2>")[0]
    assert beyond.count("card molecule") == 1
    assert "1.50× the range" in beyond
    assert "reach beyond" not in validation_page(make_validation())
