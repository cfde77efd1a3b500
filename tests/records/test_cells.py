import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.records.cells import (
    Cells,
    as_arrow,
    blank_cells,
    cells_at,
    cells_of,
    cells_of_arrow,
    joined,
    without_outer_blanks,
)

TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=6), max_size=8)


@given(TEXTS)
def test_cells_are_the_texts_they_were_made_of(texts):
    cells = cells_of(texts)
    assert len(cells) == len(texts)
    assert list(cells) == cells.texts() == [cells[i] for i in range(len(texts))] == texts
    assert cells == cells_of(texts)
    assert cells.arrow().to_pylist() == as_arrow(texts).to_pylist() == texts


@given(TEXTS, st.integers(-9, 9), st.integers(-9, 9))
def test_slices_are_those_of_a_list(texts, start, stop):
    assert cells_of(texts)[start:stop].texts() == texts[start:stop]


@given(TEXTS)
def test_stripped_as_strings_are(texts):
    blanks = "\x1c\x1d\x1e\x1f\x85"  # blanks to str.strip that no file means as such
    texts = [text.strip(blanks).replace("\ufeff", "") for text in texts]
    stripped = without_outer_blanks(cells_of(texts)).texts()
    assert [text.strip() for text in stripped] == [text.strip() for text in texts]
    assert all(text == text.strip(" \t\n\r\v\f") for text in stripped)


@given(TEXTS, TEXTS)
def test_laid_end_to_end(first, second):
    assert joined([cells_of(first), cells_of(second)]).texts() == first + second


def test_taken_and_replaced():
    cells = cells_of(["a", "bé", ""])
    assert cells.take(np.array([2, 1])).texts() == ["", "bé"]
    assert cells.replaced({0: "xyz"}).texts() == ["xyz", "bé", ""]
    assert cells.replaced({}) is cells


def test_cut_out_of_bytes():
    assert cells_at(b"a,bc,", np.array([2, 0, 5]), np.array([4, 1, 5])) == cells_of(["bc", "a", ""])
    assert blank_cells(2).texts() == ["", ""]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_of_arrow_arrays_and_their_slices(kind):
    array = pa.array(["a", "bé", "", "d"], kind)
    assert cells_of_arrow(array).texts() == ["a", "bé", "", "d"]
    assert cells_of_arrow(array[1:3]) == cells_of(["bé", ""])
    assert cells_of_arrow(array[:0]).texts() == []


def test_what_is_no_unicode_is_written_with_backslashes():
    assert cells_of(["a\ud800"]).texts() == ["a\\ud800"]


def test_a_cell_that_is_not_there():
    with pytest.raises(IndexError):
        cells_of(["a"])[1]
    with pytest.raises(ValueError, match="without a step"):
        cells_of(["a"])[::2]
    assert cells_of(["a"]) != ["a"]
    assert isinstance(cells_of([])[:], Cells)
