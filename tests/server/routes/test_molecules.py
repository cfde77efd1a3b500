from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from rdkit import Chem


def test_the_rows_of_any_file_are_read(client):
    found = client.post("/v1/rows?filename=a.csv", content=b"name,smiles\nx,CCO\n,C(\n").json()
    assert [(row["row"], row["smiles"], row["identifier"]) for row in found["rows"]] == [
        (1, "CCO", "x"),
        (2, "C(", None),
    ]
    assert (found["total"], found["truncated"]) == (2, False)
    block = Chem.MolToV3KMolBlock(Chem.MolFromSmiles("C/C=C/C"))
    drawn = client.post("/v1/rows?filename=drawing.sdf", content=block.encode()).json()
    assert drawn["rows"][0]["smiles"] == "C/C=C/C"
    many = client.post("/v1/rows", content=b"smiles\n" + b"CCO\n" * 2500).json()
    assert (len(many["rows"]), many["truncated"]) == (2000, True)
    assert client.post("/v1/rows", content=b"").status_code == 422
    assert client.post("/v1/rows?format=doc", content=b"C").status_code == 422


def test_molecules_are_drawn_and_coloured(client):
    body = {"smiles": ["CCO", "C("], "model": "bace-dmpnn", "width": 200}
    found = client.post("/v1/pictures", json=body).json()
    assert ET.fromstring(found["pictures"][0]).get("viewBox") or "200" in found["pictures"][0]
    assert found["pictures"][1] is None
    assert found["why"][1]
    one = found["contributions"][0]
    assert one["baseline"] + sum(one["atoms"]) == pytest.approx(one["output"])
    plain = client.post("/v1/pictures", json={"smiles": ["CCO"]}).json()
    assert plain["contributions"] == [None]
    assert "--plus" not in plain["pictures"][0]


@pytest.mark.parametrize(
    "body",
    [
        {"smiles": ["C"], "width": 5},
        {"smiles": ["C"], "height": 10**9},
        {"smiles": ["C"] * 21},
        {"smiles": ["C"], "model": "x"},
        {"smiles": ["C"], "model": "bace-dmpnn", "column": "x"},
        {"smiles": ["C"], "limit": 0},
        {"smiles": ["C"], "limit": -1e300},
        {"smiles": ["C", 1]},
    ],
)
def test_what_cannot_be_drawn_is_refused(client, body):
    assert client.post("/v1/pictures", json=body).status_code == 422


def test_evidence_comes_with_scores(client):
    body = {"smiles": ["CCO", "C("], "belief": True, "contributions": True, "models": ["bace-dmpnn"]}
    first, second = client.post("/v1/predict", json=body).json()["rows"]
    assert 0 <= first["belief"]["bace-dmpnn"]["similarity"] <= 1
    assert first["contributions"]["bace-dmpnn"]["Class"]["atoms"]
    assert second["belief"] == second["contributions"] == {}
