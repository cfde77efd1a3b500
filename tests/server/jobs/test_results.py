from __future__ import annotations

import zipfile

import openpyxl
import pyarrow.parquet as pq
import pytest

from molq.chem.pictures.png import png
from molq.errors import InputError
from molq.server.jobs.results import as_parquet, as_workbook, batches_of, best_of, first_smiles, header_of

RESULT = b'smiles,id,p,q,rejected\nC,a,0.1,1,\n"x,\ny",b,,,"no ""molecule"""\nN,,0.3,2,\nO,NA,0.3,5,\n'


@pytest.fixture
def result(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_bytes(RESULT)
    return path


def test_the_best_come_first_and_of_equals_the_first(result):
    found = best_of(result, ["p", "q"], "p", 2, lowest=False)
    assert [(row.row, row.smiles, row.identifier, row.scores) for row in found] == [
        (2, "N", None, {"p": 0.3, "q": 2.0}),
        (3, "O", "NA", {"p": 0.3, "q": 5.0}),
    ]
    assert [row.row for row in best_of(result, ["p", "q"], "q", 10, lowest=True)] == [0, 2, 3]


def test_other_forms_hold_the_same(result, tmp_path):
    as_parquet(result, tmp_path / "x.parquet", ["p", "q"])
    table = pq.read_table(tmp_path / "x.parquet")
    assert header_of(result) == table.column_names
    assert table["smiles"].to_pylist() == ["C", "x,\ny", "N", "O"]
    assert table["id"].to_pylist() == ["a", "b", "", "NA"]
    assert table["p"].null_count == 1
    as_workbook(result, tmp_path / "x.xlsx", ["p", "q"])
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows(values_only=True))
    assert rows[1] == ("C", "a", 0.1, 1, "") or rows[1][:4] == ("C", "a", 0.1, 1)
    assert len(rows) == 5
    assert sum(batch.num_rows for batch in batches_of(result, ["p"])) == 4


def test_a_sheet_that_cannot_hold_the_rows_is_refused_by_their_number(result, tmp_path, monkeypatch):
    monkeypatch.setattr("molq.server.jobs.results.MOST_ROWS", 3)
    with pytest.raises(InputError, match=r"^4 rows; a sheet of Excel holds 3\. "):
        as_workbook(result, tmp_path / "y.xlsx", ["p"])
    assert not (tmp_path / "y.xlsx").exists()


def test_images_stand_beside_the_first_rows_and_the_heading_says_of_how_many(result, tmp_path):
    assert first_smiles(result, ["p", "q"], 3) == ["C", "x,\ny", "N"]
    image = png("C", size=(300, 200))
    for images, heading in (([image, None], "first 2 drawn"), ([image] * 4, "structure")):
        as_workbook(result, tmp_path / "x.xlsx", ["p", "q"], images)
        sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
        assert sheet["A1"].value == heading
        assert [cell.value for cell in sheet["B"]] == ["smiles", "C", "x,\\ny", "N", "O"]
        with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
            assert any(name.endswith(".png") for name in archive.namelist())


def test_of_no_rows_every_form_has_the_columns(tmp_path):
    (tmp_path / "scores.csv").write_bytes(b"row,smiles,p\n")
    as_parquet(tmp_path / "scores.csv", tmp_path / "x.parquet", ["p"])
    table = pq.read_table(tmp_path / "x.parquet")
    assert (table.num_rows, table.column_names) == (0, ["row", "smiles", "p"])
    as_workbook(tmp_path / "scores.csv", tmp_path / "x.xlsx", ["p"])
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows(values_only=True))
    assert rows == [("row", "smiles", "p")]
    assert best_of(tmp_path / "scores.csv", ["p"], "p", 3, lowest=False) == []
