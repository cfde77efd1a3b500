import pytest

from molq.records.text.lines import line_spans
from molq.records.text.spaced import spaced_cells, split_spaced


def read(text, width=2, smiles=0, tabs=False):
    data = text.encode()
    cells = spaced_cells(data, line_spans(data, True, b"\t" if tabs else b""), tabs, width, smiles, list(range(width)))
    found = list(zip(*(column.texts() for column in cells), strict=True))
    one_by_one = [[c.decode() for c in split_spaced(line.encode(), tabs, width, smiles)] for line in text.splitlines()]
    assert found == [tuple(cells + [""] * (width - len(cells))) for cells in one_by_one if any(cells)]
    return found


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("CCO", ("CCO", "")),
        ("CCO ethanol", ("CCO", "ethanol")),
        ("  CCO \t ethyl  alcohol ", ("CCO", "ethyl  alcohol")),
        ("CC=CC |c:1| m1", ("CC=CC |c:1|", "m1")),
        ("CC=CC |c:1,2|", ("CC=CC |c:1,2|", "")),
        ("CC |open m1", ("CC", "|open m1")),
        ("CCN n|x", ("CCN", "n|x")),
        ('"CCO" "a name"', ("CCO", '"a name"')),
        ('"CC=CC |c:1|" m1', ("CC=CC |c:1|", "m1")),
        ("CCO éthanol", ("CCO", "éthanol")),
    ],
)
def test_a_smiles_and_a_name(line, cells):
    assert read(f"{line}\n") == [cells]


def test_columns_between_tabs_and_blank_lines():
    assert read("a b\tCC\n\nc\tCCC\textra\n", smiles=1, tabs=True) == [("a b", "CC"), ("c", "CCC\textra")]


def test_more_columns_of_words():
    assert read("CC a 0.5\nCCC b 0.7 and more\n", 3) == [("CC", "a", "0.5"), ("CCC", "b", "0.7 and more")]


def test_the_smiles_second():
    assert read("x1 CC\nx2 CCC\n", smiles=1) == [("x1", "CC"), ("x2", "CCC")]


def test_smiles_alone():
    assert read('CC\n"CCC"\nCC |c:1|\n', 1) == [("CC",), ("CCC",), ("CC |c:1|",)]
