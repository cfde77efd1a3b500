import io
import struct

import msgspec
import openpyxl
import pytest
from made_hits import HITS, hit

from molq.errors import InputError
from molq.report.files import hits_xlsx as module
from molq.report.files.hits_xlsx import hits_xlsx
from molq.report.text.hit_columns import hit_columns


def workbook(hits):
    return openpyxl.load_workbook(io.BytesIO(hits_xlsx(hits)))


def test_every_field_stands_in_its_cell_as_number_or_as_text():
    sheet = workbook(HITS)["hits"]
    head = [cell.value for cell in sheet[1]]
    assert head[0] == "structure"
    for at, column in enumerate(hit_columns(HITS), 2):
        assert head[at - 1] == column.name
        for row, cell in enumerate(column.cells, 2):
            value = sheet.cell(row, at).value
            if column.name != "id":
                assert value == (cell if cell != "" else None)
    assert sheet.freeze_panes == "C2"
    assert sheet.cell(2, head.index("rank") + 1).number_format == "#,##0"


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x")', "http://x", "123", "\x01<b>&\ud800"]
)
def test_text_stays_text(evil):
    found = msgspec.structs.replace(
        HITS, hits=(hit(identifier=evil, others={"vendor": evil}),), notes=(evil,), source=evil
    )
    book = workbook(found)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type in "sn" for cell in cells)
    assert not any(cell.hyperlink for cell in cells)
    sheet = book["hits"]
    at = [cell.value for cell in sheet[1]].index("id") + 1
    assert sheet.cell(2, at).data_type == "s"
    assert sheet.cell(2, at).value == evil.replace("\x01", "\\x01").replace("\ud800", "\\ud800")


def test_every_structure_is_drawn_in_its_row():
    images = workbook(HITS)["hits"]._images
    assert [image.anchor._from.row for image in images] == [1, 2]
    assert all(image.anchor._from.col == 0 and image.anchor.to.col == 0 for image in images)
    for image in images:
        data = image._data()
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">II", data[16:24]) == (300, 200)


def test_how_it_was_made_is_told():
    sheet = workbook(HITS)["how it was made"]
    said = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert ("not listed", "1 not mol_weight < 500") in said
    assert ("note", "a note") in said
    assert ("scores", "scores.csv: 10,000 rows with a score") in said


def test_the_same_hits_give_the_same_bytes_and_none_an_empty_sheet():
    assert hits_xlsx(HITS) == hits_xlsx(HITS)
    assert workbook(msgspec.structs.replace(HITS, hits=()))["hits"].max_row == 1


def test_more_than_a_sheet_holds(monkeypatch):
    monkeypatch.setattr(module, "MAX_ROWS", 1)
    with pytest.raises(InputError, match="2 hits are more than the 1 rows"):
        hits_xlsx(HITS)


def test_long_texts_are_cut():
    found = msgspec.structs.replace(HITS, hits=(hit(smiles="C" * 40_000),))
    sheet = workbook(found)["hits"]
    assert len(sheet.cell(2, 3).value) == 32_767


def test_small_scores_are_shown_by_their_exponent():
    found = msgspec.structs.replace(HITS, hits=(hit(scores={"p": 1.594e-6, "p_std": 0.1}),))
    sheet = openpyxl.load_workbook(io.BytesIO(hits_xlsx(found)))["hits"]
    names = [cell.value for cell in sheet[1]]
    formats = {name: sheet.cell(2, names.index(name) + 1).number_format for name in ("p", "p_std")}
    assert formats == {"p": "0.000E+00", "p_std": "0.0000"}
