import numpy as np
import pytest

from molq.data.label_cells import label_column
from molq.errors import InputError


def read(*cells, censored=None):
    """Values with None where missing, and the notes."""
    column = label_column(cells, range(len(cells)), "y", "a.csv", censored)
    assert column.values.dtype == np.float32
    return [None if np.isnan(v) else float(v) for v in column.values], column.notes


def test_numbers():
    assert read("1", " -0.5 ", "+2e1", ".25", "1.0") == ([1.0, -0.5, 20.0, 0.25, 1.0], [])


@pytest.mark.parametrize("gap", ["", "  ", "NA", "n/a", "NaN", "#N/A", "null", "None", "-", "?", "nd", "n.d."])
def test_what_stands_for_no_value(gap):
    assert read("1", gap) == ([1.0, None], [])
    assert read("Active", gap)[0] == [1.0, None]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Active", "Inactive"),
        ("TRUE", "FALSE"),
        ("yes", "no"),
        ("Y", "N"),
        ("positive", "negative"),
        ("toxic", "non-toxic"),
    ],
)
def test_words_for_two_classes_are_said(yes, no):
    values, notes = read(yes, no, "1", "0.0", yes.lower())
    assert values == [1.0, 0.0, 1.0, 0.0, 1.0]
    assert notes == [f"column 'y': {yes!r} as 1 and {no!r} as 0"]


def test_words_of_no_one_pair_are_refused():
    with pytest.raises(InputError, match=r"a\.csv, row 0, column 'y': 'yes' is not a number"):
        read("yes", "inactive")


def test_decimal_commas_are_read_and_said():
    assert read("0,07", "-1,5", "3", "") == (
        [np.float32(0.07), -1.5, 3.0, None],
        ["column 'y': decimal commas are read as points"],
    )


@pytest.mark.parametrize("cells", [("1,234", "5,678"), ("0,07", "0.5"), ("1,234,567", "8")])
def test_a_comma_that_may_mean_two_things_is_refused(cells):
    with pytest.raises(InputError, match="has a comma, and it is not clear"):
        read(*cells)


@pytest.mark.parametrize("bound", [">10", "<4", ">= 10", "≤5", "> 1e4"])
def test_a_bound_is_refused_with_both_remedies(bound):
    with pytest.raises(
        InputError, match=r"a\.csv, row 1, column 'y': .* is a bound, not a value; `censored` .*drop.*bound"
    ):
        read("1", bound)


def test_bounds_are_dropped_or_taken():
    assert read("1", ">10", "<4", censored="drop")[0] == [1.0, None, None]
    values, notes = read("1", "> 10", "≤4", "<2,5", "0,5", censored="bound")
    assert values == [1.0, 10.0, 4.0, 2.5, 0.5]
    assert notes[-1] == "column 'y': 3 labels that are bounds (such as >10) are taken as measured"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("inf", "'inf' is infinite"),
        ("-Infinity", "infinite"),
        ("1e39", "'1e39' is infinite or larger"),
        ("~5.5", "approximate"),
        ("5 uM", "one unit"),
        ("5.2 ± 0.1", "one unit"),
        ("1_000", "not a number"),
        ("strong", "'strong' is not a number, and not a word for one of two classes"),
    ],
)
def test_what_is_no_label_is_refused_with_its_place(cell, message):
    with pytest.raises(InputError, match=message) as caught:
        read("1", cell)
    assert str(caught.value).startswith("a.csv, row 1, column 'y': ")
    assert "empty" not in str(caught.value)
