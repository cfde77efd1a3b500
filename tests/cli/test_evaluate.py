from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from small import small_model, write_table
from typer.testing import CliRunner

from molq.cli.main import app
from molq.data.labels import read_labelled
from molq.engine.engine import Engine
from molq.errors import InputError
from molq.training.record import rows_from_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    write_table(folder)
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return small_model(folder)


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments), "--resamples", "100"])


def test_only_the_test_molecules_of_the_card_count(folder, model):
    done = run(model.path, "--data", folder / "table.csv", "--json")
    found = json.loads(done.stdout)
    dataset = read_labelled(folder / "table.csv", tasks=["active"])
    held_out = np.flatnonzero(np.isin(dataset.rows, rows_from_text(model.card.training["split"]["test_rows"])))
    scores = Engine(model.network).scores(dataset.graphs)
    assert found["dataset"]["molecules"] == len(held_out) == 32
    assert found["models"][0]["roc_auc"] == pytest.approx(
        roc_auc_score(dataset.labels[held_out, 0], scores[held_out, 0])
    )
    assert "32 of 160 molecules count" in done.stderr


def test_every_molecule_counts_when_asked_and_it_is_said(folder, model):
    done = run(model.path, "--data", folder / "table.csv", "--all-rows", "--json")
    assert json.loads(done.stdout)["dataset"]["molecules"] == 160
    assert "trained on count too" in done.stderr


def test_another_side_of_the_split(folder, model):
    done = run(model.path, "--data", folder / "table.csv", "--split", "train", "--json")
    assert json.loads(done.stdout)["dataset"]["molecules"] == 96
    assert isinstance(run(model.path, "--data", folder / "table.csv", "--split", "dev").exception, InputError)


def test_a_model_compared_with_itself_differs_by_nothing(folder, model):
    done = run(model.path, model.path, "--data", folder / "table.csv")
    assert "reference" in done.stdout
    assert "0.0000 [0.0000, 0.0000]" in done.stdout


def test_a_table_the_model_was_not_trained_on(folder, model, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("smiles,active\nCCO,0\nc1ccccc1,1\nCCN,0\nCCCl,1\nC((,1\n")
    done = run(model.path, "--data", path)
    assert done.exit_code == 0, done.output
    assert "all molecules count, 1 rejected" in done.stdout
    assert "does not say whether it was trained on molecules of other" in " ".join(done.stdout.split())


def test_regression_is_told_by_its_errors(folder):
    small = small_model(folder, "regression", name="r")
    done = run(small.path, "--data", folder / "table.csv", "--json")
    assert {"rmse", "mae", "r2", "label_spearman"} <= set(json.loads(done.stdout)["models"][0])
