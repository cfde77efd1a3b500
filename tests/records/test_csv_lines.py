from __future__ import annotations

import csv
import io

from molq.records.csv_lines import csv_line

AWKWARD = ["a\rb", "a\nb", "a\r\nb", 'a "b"', "a,b", " a ", "", "=1+1"]


def test_every_reader_takes_a_line_for_one():
    text = csv_line(AWKWARD) + csv_line(["x"] * len(AWKWARD))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [AWKWARD, ["x"] * len(AWKWARD)]


def test_an_empty_cell_alone_is_a_row():
    assert [csv_line([""]), csv_line([None]), csv_line([None, 1])] == ['""\n', '""\n', ",1\n"]
