from __future__ import annotations

from made_results import make_site

from molq.report.pages.ranges import beyond_ranges, ends_seen, outlier_cards, range_setters
from molq.results.sensitivity import Channel
from molq.results.validation import RangeEnd

ENDS = [
    *(RangeEnd(f"encoder.W_h:{i}", 2.0, "CCCC", 2.5 + i, "CCI") for i in range(5)),
    RangeEnd("head:0", -1.0, "CC", -0.5, "CCO"),
    RangeEnd("head:1", 0.0, "CC", 0.25, "CCBr"),
]


def test_who_sets_most_ranges_comes_first_with_some_of_them():
    first, second = range_setters(ENDS)
    assert (first.smiles, first.name, first.note) == ("CCCC", "5 of 7 ranges", "and 1 more")
    assert first.facts[0] == ("encoder.W_h:0", "2")
    assert (second.name, second.note) == ("2 of 7 ranges", "")


def test_who_oversteps_a_range_is_shown_where_it_does_so_farthest():
    nothing, first = beyond_ranges(ENDS)
    assert (nothing.smiles, nothing.name) == ("CCBr", "where the set has no range")
    assert (first.smiles, first.name) == ("CCI", "3.25× the range")
    assert dict(first.facts) == {"reaches": "6.5", "range ends at": "2"}
    assert first.note == "into encoder.W_h:4"


def test_of_a_call_site_the_end_that_reaches_farther_counts():
    up, down = ends_seen([make_site(), make_site(low=-3.0, high=1.0, range=(-2.0, 1.0))])
    assert up == RangeEnd("encoder.W_h, use 1", 1.0, "CCCCI", 1.5, "CCCCI")
    assert (down.chosen, down.library, down.library_smiles) == (-2.0, -3.0, "CCN")
    assert list(ends_seen([make_site(high_by=None)])) == []


def test_the_farthest_outlier_comes_first():
    far = make_site(outliers=(Channel(3, 9.0, 40.0, "CCBr"), Channel(4, 9.0, 30.0)))
    first, second = outlier_cards([make_site(), far])
    assert (first.smiles, first.name) == ("CCBr", "40× the median")
    assert dict(second.facts)["channel"] == "7"


def test_what_hardly_oversteps_a_range_has_digits_that_tell():
    (found,) = beyond_ranges([RangeEnd("encoder.W_h:1", 2.6181, "CC", 2.6243, "CCO")])
    assert found.name == "just beyond the range"
    assert dict(found.facts) == {"reaches": "2.624", "range ends at": "2.618"}
