from __future__ import annotations

import json

import pytest
from small import small_model, write_library, write_table
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import InputError, OutputError
from molq.store.molqfile import load

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    write_table(folder)
    write_library(folder)
    small_model(folder)
    lines = (folder / "table.csv").read_text().splitlines()
    (folder / "c.csv").write_text("\n".join(lines[:31]) + "\n")
    return folder


def run(folder, *words: str):
    return RUNNER.invoke(app, [word.replace("@", f"{folder}/") for word in words])


def test_a_library_without_labels_is_enough(folder):
    done = run(
        folder,
        "sensitivity",
        "@m.molq",
        "--data",
        "@library.smi",
        "--calibset",
        "@c.csv",
        "-o",
        "@s",
        "--json",
        "--front",
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found == json.loads((folder / "s" / "sensitivity.json").read_text())
    assert found["target"]["labelled"] is False
    sizes = [plan["size_bytes"] for plan in found["front"]]
    errors = [plan["score_mse"] for plan in found["front"]]
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    page = (folder / "s" / "report.html").read_text()
    assert "encoder.W_h" in page
    assert "ROC-AUC" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    again = run(folder, "sensitivity", "@m.molq", "--data", "@library.smi", "--calibset", "@c.csv", "-o", "@s")
    assert isinstance(again.exception, OutputError)


def test_labels_give_the_loss_of_the_metric(folder):
    done = run(
        folder, "sensitivity", "@m.molq", "--data", "@table.csv", "--scheme", "int8-dynamic", "--resamples", "100"
    )
    assert done.exit_code == 0, done.output
    assert "loss of ROC-AUC" in done.stdout


def test_mixed_keeps_to_its_budget(folder):
    words = ("quantize", "@m.molq", "--scheme", "mixed", "--data", "@table.csv", "--calibset", "@c.csv", "--json")
    done = run(folder, *words, "--max-size", "20KB", "-o", "@q.molq")
    assert done.exit_code == 0, done.output
    assert (folder / "q.molq").stat().st_size <= 20_000
    assert load(folder / "q.molq").network.scheme == "mixed"
    assert json.loads(done.stdout)["search"]["chosen"]["size_bytes"] == (folder / "q.molq").stat().st_size
    assert isinstance(run(folder, *words, "-o", "@r.molq").exception, InputError)
    assert isinstance(run(folder, *words, "--max-size", "many", "-o", "@r.molq").exception, InputError)
    plain = run(folder, "quantize", "@m.molq", "--scheme", "fp16", "--max-drop", "0.1", "-o", "@r.molq")
    assert isinstance(plain.exception, InputError)


def test_any_smiles_column_and_the_best_observer(folder):
    lines = (folder / "library.smi").read_text().splitlines()
    (folder / "odd.csv").write_text("\n".join(["structure_of", *lines]) + "\n")
    words = ("sensitivity", "@m.molq", "--data", "@odd.csv", "--calibset", "@c.csv", "--observer", "auto")
    done = run(folder, *words, "--smiles-column", "structure_of", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["target"]["molecules"] == len(lines)
