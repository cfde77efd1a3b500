from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.columns import columns_of
from molq.data.labels import LabelledSet
from molq.results.plain import plain
from molq.results.study import Study, read_study
from molq.workflows.study.files import write_results

DEMO = Path(__file__).parents[3] / "docs" / "demo-results.json"


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(DEMO.read_bytes(), "demo")


@pytest.fixture(scope="module")
def test() -> LabelledSet:
    """Three molecules of two tasks, with gaps, the first needing quotes in CSV."""
    smiles = ['C1CC1 "ring", small', "CCO", "CC"]
    labels = np.array([[1, math.nan], [0, 2.5], [math.nan, -1e-3]], np.float32)
    graphs = featurize(["C1CC1", "CCO", "CC"]).graphs
    return LabelledSet("t", smiles, np.array([7, 1, 30]), graphs, labels, ("a", "b"), "regression", [], "0" * 64)


def test_what_is_written_is_the_study(study: Study, test: LabelledSet, tmp_path: Path) -> None:
    scores = {
        s: np.random.default_rng(i).normal(size=(3, 2)).astype(np.float32) for i, s in enumerate(("fp32", "int8"))
    }
    write_results(tmp_path, study, test, columns_of(test.tasks), scores)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.csv", "results.json", "scores.csv"]
    text = (tmp_path / "results.json").read_text()
    assert text.endswith("}\n")
    assert json.loads(text) == plain(study)
    assert read_study(text, "again") == study
    with (tmp_path / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["scheme"] for row in rows] == [variant.scheme for variant in study.variants]
    for row, variant in zip(rows, study.variants, strict=True):
        assert row == {key: "" if value is None else str(value) for key, value in variant.row().items()}


def test_scores_keep_their_bits_and_labels_their_gaps(study: Study, test: LabelledSet, tmp_path: Path) -> None:
    scores = {"fp32": np.array([[0.1, 1 / 3], [1e-9, -2], [3, 4]], np.float32), "w4a8": np.zeros((3, 2), np.float32)}
    write_results(tmp_path, study, test, columns_of(test.tasks), scores)
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "smiles", "a", "b", "fp32:a", "fp32:b", "w4a8:a", "w4a8:b"]
    assert [int(row["row"]) for row in rows] == [7, 1, 30]
    assert [row["smiles"] for row in rows] == test.smiles
    assert [(row["a"], row["b"]) for row in rows] == [("1", ""), ("0", "2.5"), ("", "-0.001")]
    for j, task in enumerate("ab"):
        for scheme, values in scores.items():
            back = np.array([row[f"{scheme}:{task}"] for row in rows], np.float32)
            assert back.tobytes() == values[:, j].tobytes()
