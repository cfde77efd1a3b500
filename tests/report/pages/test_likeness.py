from __future__ import annotations

from molq.report.pages.likeness import beyond_ranges, neighbour_cards, range_setters
from molq.results.validation import Neighbour, RangeEnd

ENDS = [
    *(RangeEnd(f"encoder.W_h:{i}", 2.0, "CCCC", 2.5 + i, "CCI") for i in range(5)),
    RangeEnd("head:0", -1.0, "CC", -0.5, "CCO"),
    RangeEnd("head:1", 0.0, "CC", 0.25, "CCBr"),
]


def test_a_neighbour_is_drawn_with_its_similarity():
    (found,) = neighbour_cards([Neighbour("CCO", 0.256, "CC")])
    assert found.drawing
    assert found.facts == (("Tanimoto", "0.26"),)


def test_who_sets_most_ranges_comes_first_with_some_of_them():
    first, second = range_setters(ENDS)
    assert (first.smiles, first.name, first.note) == ("CCCC", "5 of 7 ranges", "and 1 more")
    assert first.facts[0] == ("encoder.W_h:0", "2")
    assert (second.name, second.note) == ("2 of 7 ranges", "")


def test_who_oversteps_a_range_is_shown_where_it_does_so_farthest():
    nothing, first = beyond_ranges(ENDS)
    assert (nothing.smiles, nothing.name) == ("CCBr", "where the set has no range")
    assert (first.smiles, first.name) == ("CCI", "3.25× the range")
    assert dict(first.facts) == {"call site": "encoder.W_h:4", "reaches": "6.5", "range ends at": "2"}
