import io
import zipfile

import openpyxl
import pytest

from molq.errors import InputError
from molq.records.tables import workbook as module
from molq.records.tables.workbook import read_workbook


def workbook(*cells):
    """Of one sheet with these (place, text)."""
    book = openpyxl.Workbook()
    for place, text in cells:
        book.active[place] = text
    data = io.BytesIO()
    book.save(data)
    data.seek(0)
    return data


def with_a_cell_far_away(place):
    """The smallest workbook of its kind with its last cell moved to the last place a sheet has."""
    made = io.BytesIO()
    with zipfile.ZipFile(workbook(("A1", "smiles"), ("B9", "CC"))) as book, zipfile.ZipFile(made, "w") as bomb:
        for entry in book.infolist():
            content = book.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                content = content.replace(b'r="B9"', f'r="{place}"'.encode())
            bomb.writestr(entry, content)
    made.seek(0)
    return made


def test_cells_and_notes_come_as_from_the_sheet():
    book = openpyxl.load_workbook(workbook(("A1", "smiles"), ("A2", "CCα")))
    book.create_sheet("more")["A1"] = "x"
    data = io.BytesIO()
    book.save(data)
    data.seek(0)
    text, notes = read_workbook(data, "ä.xlsx")
    assert text.decode() == "smiles\nCCα\n"
    assert notes == ["ä.xlsx: sheet 'Sheet' is read; not read: 'more'"]


def test_what_is_none_is_said_as_before():
    with pytest.raises(InputError, match=r"^a\.xlsx: not a readable Excel file"):
        read_workbook(io.BytesIO(b"PK\x03\x04 no"), "a.xlsx")


def test_two_cells_that_lie_a_sheet_apart_take_no_memory_here():
    with pytest.raises(
        InputError, match=r"a\.xlsx: its first sheet does not fit into 4 GiB of memory.*; save it as CSV"
    ):
        read_workbook(with_a_cell_far_away("XFD1048576"), "a.xlsx")


def test_the_file_itself_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MAX_HELD_BYTES", 1000)
    with pytest.raises(InputError, match="a workbook of more than"):
        read_workbook(workbook(("A1", "smiles")), "a.xlsx")


def test_what_it_unpacks_to_is_bounded():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("a", "w") as entry:
        for _ in range(1025):
            entry.write(bytes(1 << 20))
    made.seek(0)
    with pytest.raises(
        InputError, match=r"a\.xlsx: a workbook of 1,025 MiB when it is unpacked, and 1,024 are the most"
    ):
        read_workbook(made, "a.xlsx")
