import pytest

from molq.records.cells import cells_of
from molq.records.trailing import trailing_note, trailing_rows


@pytest.mark.parametrize("form", [list, cells_of])
def test_rows_with_text_after_their_smiles(form):
    texts = ["CCO", "CC O", "", "CC\nO", "CC |c:1|", "CC\tO ", " CC ", "CC |$x|y$| ", "CC |", "CC |c:1| name", "C"]
    assert trailing_rows(form(texts)).tolist() == [1, 3, 5, 8, 9]
    assert trailing_rows(form(["C", ""])).tolist() == trailing_rows(form([])).tolist() == []


def test_rows_are_those_of_a_slice():
    assert trailing_rows(cells_of(["C C", "C", "C O"])[1:]).tolist() == [1]


def test_the_note():
    assert trailing_note(0) == []
    assert trailing_note(1) == ["1 row holds text after its SMILES, which is not read"]
    assert trailing_note(1200, "; no") == ["1,200 rows hold text after their SMILES, which is not read; no"]
