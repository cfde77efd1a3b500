import datetime
import io

import openpyxl
import pytest

from molq.errors import InputError
from molq.records.tables import sheet as module
from molq.records.tables.sheet import sheet_as_csv


def workbook(*sheets):
    """A workbook of sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for i, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{i + 1}")
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    data.seek(0)
    return data


def test_cells_as_people_see_them():
    rows = [
        ["smiles", "id", "x", "when"],
        ["CCO", 7, 0.5, datetime.datetime(2020, 1, 2)],
        [None, None, None, None],
        ["CC,C", 12345678, True, None],
    ]
    text, notes = sheet_as_csv(workbook(rows), "a.xlsx")
    assert text.decode() == 'smiles,id,x,when\nCCO,7,0.5,2020-01-02\n"CC,C",12345678,True,\n'
    assert notes == []


def test_the_first_sheet_that_holds_anything_and_the_others_named():
    text, notes = sheet_as_csv(workbook([], [["smiles"], ["CC"]], [["x"]]), "a.xlsx")
    assert text == b"smiles\nCC\n"
    assert notes == ["a.xlsx: sheet 'S2' is read; not read: 'S3'"]


def test_nothing_to_read():
    with pytest.raises(InputError, match=r"a\.xlsx: the workbook is empty"):
        sheet_as_csv(workbook([]), "a.xlsx")
    with pytest.raises(InputError, match=r"a\.xlsx: not a readable Excel file"):
        sheet_as_csv(io.BytesIO(b"PK\x03\x04 no"), "a.xlsx")


def test_a_sheet_of_more_text_than_is_held_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_HELD_BYTES", 100_000)
    with pytest.raises(InputError, match=r"a\.xlsx: its first sheet holds more than .* of text; save it as CSV"):
        sheet_as_csv(workbook([["smiles"], *[["C" * 1000]] * 200]), "a.xlsx")
