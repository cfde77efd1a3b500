import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.records.text.delimited import Dialect, delimited_cells, delimited_spans, record_count, split_record

COMMAS = Dialect(",", True)
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
PIECES = st.lists(st.sampled_from(["a", "", " ", '"', '""', ",", "\n", "\r\n", "\r", 'x"y', '"q\n"']), max_size=25)


def cells_of(data, dialect, width):
    spans = delimited_spans(data, dialect, True)
    columns, refused = delimited_cells(data, spans, dialect, width, list(range(width)))
    return list(zip(*(column.texts() for column in columns), strict=True)), refused


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8), st.sampled_from(",;\t|"), st.sampled_from([0, 1]))
def test_what_the_csv_module_writes_is_read_back(rows, delimiter, quoting):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows([("a", "b", "c"), *rows])
    found, refused = cells_of(text.getvalue().encode(), Dialect(delimiter, True), 3)
    assert all("rows of their own" in reason for reason in refused.values())
    if not any(cell.isspace() or not cell for row in rows for cell in row):
        assert found == [("a", "b", "c"), *rows]


@given(PIECES)
def test_a_record_is_split_as_the_csv_module_splits_it(pieces):
    text = "".join(pieces)
    records = list(csv.reader(io.StringIO(text, newline="")))
    if len(records) != 1 or delimited_spans(text.encode(), COMMAS, True).stops.tolist() != [len(text)]:
        return
    assert [cell.decode() for cell in split_record(text.encode(), COMMAS)] == records[0]


@given(PIECES, st.integers(0, 60))
def test_records_that_end_in_a_part_end_in_the_whole(pieces, cut):
    data = "".join(pieces).encode()
    whole = delimited_spans(data, COMMAS, True).stops.tolist()
    part = delimited_spans(data[:cut], COMMAS, False).stops.tolist()
    assert part == whole[: len(part)]


@given(PIECES)
def test_records_are_counted_twice_alike(pieces):
    data = "".join(pieces).encode()
    assert record_count(data, COMMAS) == len(delimited_spans(data, COMMAS, True).stops)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a", "1 field where the header has 3"),
        ("a,b,c,d", "4 fields where the header has 3"),
        ('"a\nb",c', "2 fields (2 lines, in quotes) where the header has 3"),
        ('CC,"a,b\nCCC,b,c"', "2 fields (2 lines, in quotes) where the header has 3"),
        ('CC,"a,b\nCCC,b",c', "a cell in quotes spans 2 lines that read as rows of their own: is a quote astray?"),
        (
            'CC,a,"b\nCCC,d,e\nCCCC,f,g"',
            "a cell in quotes spans 3 lines that read as rows of their own: is a quote astray?",
        ),
    ],
)
def test_rows_that_are_refused_and_why(row, reason):
    assert cells_of(f"smiles,x,y\n{row}\nC,1,2\n".encode(), COMMAS, 3)[1] == {1: reason}


@pytest.mark.parametrize("row", ["a,b,c,,", 'a,"two\nlines",c', 'a,b,"one, two\nthree"', 'a,x"y,z"'])
def test_rows_that_are_read(row):
    assert cells_of(f"smiles,x,y\n{row}\n".encode(), COMMAS, 3)[1] == {}


def test_without_quoting_a_quote_is_a_letter():
    found, refused = cells_of(b'a\t"b\nc\t"d" e\n', Dialect("\t", False), 2)
    assert (found, refused) == ([("a", '"b'), ("c", '"d" e')], {})


def test_a_stray_quote_spoils_no_row_but_its_own():
    found, refused = cells_of(b'a,"b""c"\nd,e"f\n"g",h\n', COMMAS, 2)
    assert found == [("a", 'b"c'), ("d", 'e"f'), ("g", "h")]
    assert refused == {}


def test_columns_in_any_order():
    data = b"1,2,3\n4,5,6\n"
    spans = delimited_spans(data, COMMAS, True)
    columns, _ = delimited_cells(data, spans, COMMAS, 3, [2, 0])
    assert [column.texts() for column in columns] == [["3", "6"], ["1", "4"]]
    assert np.array_equal(spans.stops, [6, 12])
