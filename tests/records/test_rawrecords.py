from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.errors import InputError
from molq.records.rawrecords import raw_records

LINES = st.lists(st.text(alphabet='ab",\n', max_size=30).map(lambda text: text + "\n"), max_size=6)


@given(LINES, st.sampled_from(["csv", "tsv"]))
def test_records_are_cut_where_the_csv_module_cuts_them(lines, format):
    delimiter = {"csv": ",", "tsv": "\t"}[format]
    text = ("a\n" + "".join(lines)).replace(",", delimiter)
    expected = list(csv.reader(io.StringIO(text + "the end", newline=""), delimiter=delimiter))
    if expected.pop() != ["the end"]:
        with pytest.raises(InputError, match="not closed"):
            list(raw_records(io.BytesIO(text.encode()), format, "library"))
        return
    records = [record.decode() for record in raw_records(io.BytesIO(text.encode()), format, "library")]
    parsed = [list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter)) for record in records]
    assert [rows[0] for rows in parsed] == [row for row in expected if row]
    assert all(len(rows) == 1 for rows in parsed)


def test_sdf_records_end_with_their_mark_or_the_file():
    records = list(raw_records(io.BytesIO(b"a\nM  END\n$$$$\nb\nM  END\n$$$$\nc\n\n"), "sdf", "library"))
    assert records == [b"a\nM  END\n$$$$\n", b"b\nM  END\n$$$$\n", b"c\n\n"]
