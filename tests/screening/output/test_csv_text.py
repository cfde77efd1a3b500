from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_rows import NASTY, rows_of, scored, with_scores

from molq.screening.output.csv_text import csv_line, csv_rows
from molq.screening.output.table import OutputTable, Selection

TABLE = OutputTable(True, ("note",))


def significant(number: str) -> str:
    """The digits of a number from the first to the last that is not 0."""
    return re.sub(r"e.*|\D", "", number).strip("0")


def read_back(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


def test_any_reader_of_csv_gets_the_texts_back():
    smiles = ["C"] * len(NASTY)
    rows = rows_of(smiles, NASTY, [NASTY[::-1]])
    found = read_back(csv_rows(TABLE, rows, scored(rows), 0))
    assert [row[:3] for row in found] == [list(row) for row in zip(smiles, NASTY, NASTY[::-1], strict=True)]


def test_rejected_rows_stay_in_their_place_with_their_reason():
    rows = rows_of(["C", "C(", "CC", "x"], rejected={3: 'no, "really"'})
    found = read_back(csv_rows(OutputTable(True), rows, scored(rows), 0))
    assert [bool(row[-1]) for row in found] == [False, True, False, True]
    assert found[3] == ["x", "M3", "", "", 'no, "really"']
    assert all(row[2] and row[3] for row in (found[0], found[2]))


def test_a_threshold_leaves_rows_out_and_numbers_the_others():
    rows = rows_of(["C", "C(", "CC", "CCC"])
    table = OutputTable(True, (), Selection(threshold=0.5))
    some = with_scores(rows, [[0.1, 0.6], [0.2, 0.2], [0.5, 0.0]])
    assert [row[:3] for row in read_back(csv_rows(table, rows, some, 100))] == [
        ["100", "C", "M0"],
        ["103", "CCC", "M3"],
    ]
    assert csv_rows(table, rows, with_scores(rows, [[0, 0]] * 3), 100) == b""


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_scores_are_the_shortest_text_that_gives_the_float_back(values):
    rows = rows_of(["C"])
    cells = read_back(csv_rows(OutputTable(True), rows, with_scores(rows, [values]), 0))[0][2:-1]
    for cell, value in zip(cells, np.float32(values), strict=True):
        assert np.float32(cell) == value
        assert significant(cell) == significant(np.format_float_scientific(value, unique=True))


def test_what_is_no_text_is_escaped():
    rows = rows_of(["C"], ["caf\udce9"])
    assert b"caf\\udce9" in csv_rows(OutputTable(True), rows, scored(rows), 0)


@pytest.mark.parametrize("cells", [NASTY, ["a"]])
def test_a_line(cells):
    assert read_back(csv_line(cells)) == [list(cells)]
