from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from rdkit import Chem

import molq

ROWS = [
    {"smiles": "CCO", "identifier": "ethanol", "score": 99},
    {"smiles": "C(", "identifier": "=HYPERLINK(1)"},
    {"smiles": "c1ccccc1"},
]


def export(client, kind: str, rows=ROWS, **more):
    return client.post(f"/v1/export?format={kind}", json={"rows": rows, "models": ["bace-dmpnn"], **more})


@pytest.fixture(scope="module")
def scores():
    return molq.load("bace-dmpnn").predict(["CCO", "c1ccccc1"])


def test_csv_is_written_with_the_scores_of_the_server(client, scores):
    answer = export(client, "csv")
    lines = answer.text.splitlines()
    assert lines[0] == "smiles,id,Class,rejected"
    assert lines[1] == f"CCO,ethanol,{scores[0]!s},"
    assert "unparsable" in lines[2]
    assert answer.headers["content-disposition"] == 'attachment; filename="molq-scores.csv"'


def test_excel_reads_text_as_text(client, scores):
    content = io.BytesIO(export(client, "xlsx").content)
    sheet = openpyxl.load_workbook(content).active
    header, first, second, third = sheet.iter_rows(values_only=True)
    assert header == ("structure", "smiles", "id", "Class", "rejected")
    assert first[3] == float(str(scores[0]))
    assert second[2] == "=HYPERLINK(1)"
    assert sheet["C3"].data_type == "s"
    assert third[3] == float(str(scores[1]))
    images = [name for name in zipfile.ZipFile(content).namelist() if name.endswith(".png")]
    assert len(images) == 2  # of the two that can be drawn


def test_an_sd_file_has_every_molecule(client, scores):
    supplier = Chem.SDMolSupplier()
    supplier.SetData(export(client, "sdf").text, sanitize=False)
    records = list(supplier)
    assert [record.GetProp("_Name") for record in records] == ["ethanol", "=HYPERLINK(1)", ""] or len(records) == 3
    assert float(records[0].GetProp("Class")) == float(str(scores[0]))
    assert records[1].GetNumAtoms() == 0
    assert "unparsable" in records[1].GetProp("rejected")


def test_what_cannot_be_written_is_refused(client):
    assert export(client, "pdf").status_code == 422
    assert export(client, "csv", [{"smiles": 1}]).json()["error"]["row"] == 0
    assert export(client, "csv", [{"smiles": "C"}] * 2001).status_code == 422
    assert export(client, "csv", []).text == "smiles,Class,rejected\n"
