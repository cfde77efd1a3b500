from __future__ import annotations

import csv
import io
import json
import time

import numpy as np
import pyarrow as pa
import pytest

import molq

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C(", "CCO", "c1ccccc1C#N", "", "[Na+].[Cl-]", "C[C@H](N)C(=O)O"]
CSV = {"accept": "text/csv"}


@pytest.fixture(scope="module")
def screened(tmp_path_factory) -> bytes:
    """What a screen writes of them."""
    folder = tmp_path_factory.mktemp("screened")
    (folder / "in.csv").write_bytes(TABLE)
    molq.screen("bace-dmpnn", folder / "in.csv", folder / "out.csv", workers=1)
    return (folder / "out.csv").read_bytes()


TABLE = b"id,smiles\n" + b"".join(f'"m{i}, a",{text}\n'.encode() for i, text in enumerate(SMILES)) + b"x,<b>\n"


def test_a_list_comes_back_row_by_row_with_the_scores_of_the_model(client):
    found = client.post("/v1/predict", json=SMILES).json()
    assert [row["smiles"] for row in found["rows"]] == SMILES
    assert [row["row"] for row in found["rows"]] == list(range(len(SMILES)))
    for name, column in (("bace-dmpnn", "Class"), ("esol-dmpnn", found["columns"]["esol-dmpnn"][0])):
        scores, reasons = molq.load(name).predict(SMILES, reasons=True)
        for row, score, reason in zip(found["rows"], scores, reasons, strict=True):
            if reason is None:
                assert row["scores"][name][column] == float(str(score))
            else:
                assert row["error"] == reason
                assert row["scores"] == {}


def test_csv_is_what_a_screen_writes_to_the_byte(client, screened):
    answer = client.post(
        "/v1/predict?model=bace-dmpnn", content=TABLE, headers={"content-type": "text/csv", "accept": "text/csv"}
    )
    assert answer.content == screened
    assert answer.headers["content-type"].startswith("text/csv")


def test_arrow_is_the_same_table(client, screened):
    headers = {"accept": "application/vnd.apache.arrow.stream", "content-type": "text/csv"}
    answer = client.post("/v1/predict?model=bace-dmpnn", content=TABLE, headers=headers)
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.schema.field("Class").type == pa.float32()
    with io.StringIO(screened.decode(), newline="") as file:
        expected = list(csv.DictReader(file))
    assert table.column_names == list(expected[0])
    for found, row in zip(table.to_pylist(), expected, strict=True):
        assert [found["smiles"], found["id"], found["rejected"] or ""] == [row["smiles"], row["id"], row["rejected"]]
        assert found["Class"] == (np.float32(row["Class"]) if row["Class"] else None)


def test_models_and_options_come_from_the_body_or_the_address(client):
    one = client.post("/v1/predict?model=esol-dmpnn", json=["CCO"]).json()
    assert one["models"] == ["esol-dmpnn"]
    body = {"smiles": ["CCO"], "models": ["bace-dmpnn"], "identifiers": ["a"], "pictures": True}
    two = client.post("/v1/predict?model=esol-dmpnn", json=body).json()
    assert two["models"] == ["bace-dmpnn"]
    assert two["rows"][0]["identifier"] == "a"
    assert two["rows"][0]["picture"].startswith("<svg")


def test_nothing_asked_is_nothing_answered(client):
    assert client.post("/v1/predict", json=[]).json()["rows"] == []
    assert client.post("/v1/predict?model=bace-dmpnn", json=[], headers=CSV).text == "smiles,Class,rejected\n"


@pytest.mark.parametrize(
    ("body", "status", "row"),
    [
        (b'["C", 3]', 422, 1),
        (b'["C", null]', 422, 1),
        (b'["C", ["N"]]', 422, 1),
        (b'{"smiles": ["C", "C", 1e999]}', 422, 2),
        (b'{"smiles": "C"}', 422, None),
        (b'{"smile": ["C"]}', 422, None),
        (b'{"smiles": ["C"], "models": ["nobody"]}', 422, None),
        (b'{"smiles": ["C"], "identifiers": []}', 422, None),
        (b'{"smiles": ["C"], "pictures": 7}', 422, None),
        (b"[NaN]", 400, None),
        (b"", 400, None),
        (b"\xff\xfe", 400, None),
        (b'["\xff"]', 400, None),
        (b'["\\ud800"]', 400, None),
        (b"[" * 100_000, 422, 0),
        (b'{"smiles": ["C"], "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", 422, None),
        (b"123456789012345678901234567890", 422, None),
        (b'"C"', 422, None),
    ],
)
def test_bad_json_is_told_and_names_the_row(client, body, status, row):
    answer = client.post("/v1/predict", content=body, headers={"content-type": "application/json"})
    error = answer.json()["error"]
    assert (answer.status_code, error["row"]) == (status, row), error
    assert error["message"]


@pytest.mark.parametrize(
    "smiles",
    [
        "<script>alert(1)</script>",
        "C\x00",
        "\x1b[2K",
        "\u202eCCO",
        "C" * 50_000,
        "(" * 20_000,
        "C1" * 500,
        "[9999999999C]",
        "[C+99999999999]",
        "C%(99999999)C",
        " ",
        "=CSV()",
        "é",
    ],
)
def test_any_text_is_a_row_with_a_score_or_a_reason(client, smiles):
    found = client.post("/v1/predict?model=bace-dmpnn", json=["CCO", smiles]).json()["rows"]
    assert found[0]["scores"]["bace-dmpnn"]["Class"]
    assert found[1]["smiles"] == smiles
    assert (found[1]["error"] is None) == bool(found[1]["scores"])


def test_too_much_is_refused_with_words(client, service):
    many = client.post("/v1/predict", json=["C"] * (service.limits.rows + 1))
    assert (many.status_code, many.json()["error"]["row"]) == (422, service.limits.rows)
    file = client.post("/v1/predict", content=b"smiles\n" + b"C\n" * 3000, headers={"content-type": "text/csv"})
    assert (file.status_code, "as a job" in file.text) == (422, True)
    large = client.post("/v1/predict", content=b" " * (service.limits.body_bytes + 1))
    assert (large.status_code, "POST /v1/jobs" in large.text) == (413, True)
    drawn = client.post("/v1/predict", json={"smiles": ["C"] * 21, "pictures": True})
    assert drawn.status_code == 422
    assert client.post("/v1/predict", json={"smiles": ["C"], "pictures": True}, headers=CSV).status_code == 422


def test_wrong_kinds_are_refused(client):
    assert client.post("/v1/predict", json=["C"], headers={"accept": "image/png"}).status_code == 406
    packed = client.post("/v1/predict", content=b"x", headers={"content-encoding": "gzip"})
    assert packed.status_code == 415
    assert client.post("/v1/predict", content=b"%PDF-1.4").status_code == 422
    assert client.post("/v1/predict?percentile=perhaps", json=["C"]).status_code == 422
    assert client.get("/v1/predict").status_code == 405


def test_a_long_list_is_answered_whole(client):
    smiles = ["C" * (1 + n % 40) + "O" for n in range(1500)]
    rows = client.post("/v1/predict?model=bace-dmpnn", json=smiles).json()["rows"]
    scores = molq.load("bace-dmpnn").predict(smiles)
    assert [row["scores"]["bace-dmpnn"]["Class"] for row in rows] == [float(str(score)) for score in scores]


def test_numbers_are_the_shortest_that_give_the_same_float32(client):
    text = client.post("/v1/predict?model=bace-dmpnn", json=["CCO"]).text
    number = text.partition('"Class":')[2].partition("}")[0]
    assert number == str(molq.load("bace-dmpnn").predict(["CCO"])[0])
    assert json.loads(text)["rows"][0]["scores"]["bace-dmpnn"]["Class"] == float(number)


def test_percentiles_are_those_of_the_reference(client):
    while client.get("/v1/models").json()["reference"] is None:
        time.sleep(0.05)
    body = {"smiles": ["C", "CCO", "c1ccccc1", "C("], "percentile": True, "models": ["bace-dmpnn"]}
    rows = client.post("/v1/predict", json=body).json()["rows"]
    found = [row["percentile"]["bace-dmpnn"]["Class"] for row in rows[:3]]
    assert sorted(found) == [16.67, 50.0, 83.33]
    assert rows[3]["percentile"] == {}
    text = client.post("/v1/predict?percentile=true&model=bace-dmpnn", json=["CCO"], headers=CSV).text
    assert text.startswith("smiles,Class,Class_percentile,rejected")
