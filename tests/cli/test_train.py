from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from molq.cli.main import app
from molq.data.labels import load_dataset, read_labelled
from molq.engine.engine import Engine
from molq.errors import InputError, OutputError
from molq.metrics.ranking import roc_auc
from molq.store.molqfile import load
from molq.training.forward import scores_of
from molq.training.record import recorded_split, rows_from_text

RUNNER = CliRunner()
SMALL = ["--d-h", "16", "--epochs", "2"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """120 molecules of BACE with a second task, gaps, a bad SMILES, and a column that states a split."""
    whole = load_dataset("bace")
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("train") / "table.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["smiles", "active", "logS", "side"])
        for k, i in enumerate(rng.permutation(len(whole))[:120]):
            number = "" if k % 5 == 0 else f"{rng.normal():.3f}"
            side = ("train", "train", "train", "val", "test")[k % 5]
            writer.writerow([whole.smiles[i], int(whole.labels[i, 0]), number, side])
        writer.writerow(["C((", 1, 0.5, "train"])
    return path


def run(*arguments):
    return RUNNER.invoke(app, ["train", *map(str, arguments)])


def test_a_registered_set_is_trained_and_saved_with_its_card(tmp_path):
    out = tmp_path / "m.molq"
    done = run("bace", "-o", out, *SMALL, "--description", "A small one.", "--json")
    assert done.exit_code == 0, done.output
    loaded, bace = load(out), load_dataset("bace")
    training = loaded.card.training
    assert (training["dataset"], training["dataset_sha256"]) == ("bace", bace.sha256)
    assert (training["split"]["method"], training["split"]["seed"]) == ("scaffold-balanced", 0)
    assert [epoch["epoch"] for epoch in training["curve"]] == [1, 2]
    assert loaded.card.description == "A small one."
    summary = json.loads(done.stdout)
    assert summary["metrics"] == loaded.card.metrics
    test = recorded_split(training, bace).test
    scores = scores_of(loaded.network, bace.graphs)
    assert summary["metrics"]["test_roc_auc"]["value"] == pytest.approx(roc_auc(bace.labels[test, 0], scores[test, 0]))
    assert summary["size_bytes"] == out.stat().st_size


def test_same_seed_same_file(table, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        command = [table, "--task", "active", "-o", tmp_path / f"{name}.molq", "--name", "m", "--seed", seed]
        assert run(*command, *SMALL).exit_code == 0
    a, b, c = ((tmp_path / f"{name}.molq").read_bytes() for name in "abc")
    assert a == b != c


def test_a_table_with_a_stated_split(table, tmp_path):
    out = tmp_path / "m.molq"
    done = run(table, "--task", "active", "--split-column", "side", "-o", out, *SMALL)
    assert done.exit_code == 0, done.output
    told = " ".join(done.stdout.split())
    assert "72 of 120 molecules of table, 1 more could not be read 24 validation and 24 test molecules" in told
    assert rows_from_text(load(out).card.training["split"]["test_rows"]).tolist() == list(range(4, 120, 5))
    assert re.search(r"ROC-AUC 0\.\d+ \[.*\] on 24 test molecules", done.stdout)


def test_regression_told_from_the_labels(table, tmp_path):
    out = tmp_path / "m.molq"
    done = run(table, "--task", "logS", "--split", "random", "-o", out, *SMALL, "--arch", "gine", "--depth", 2)
    assert done.exit_code == 0, done.output
    model = load(out).network
    assert (model.kind, model.tasks, model.config.depth) == ("regression", ("logS",), 2)
    labelled = read_labelled(table, tasks=["logS"])
    assert abs(float(scores_of(model, labelled.graphs).mean())) < 2
    assert "RMSE" in done.stdout


def test_an_ensemble(table, tmp_path):
    out = tmp_path / "m.molq"
    done = run(table, "--task", "active", "-o", out, *SMALL, "--members", 2, "--class-balance", "--patience", 1)
    assert done.exit_code == 0, done.output
    assert len(load(out).network.members) == 2


def test_what_exists_is_kept(table, tmp_path):
    out = tmp_path / "m.molq"
    out.write_text("precious")
    command = [table, "--task", "active", "-o", out, *SMALL]
    assert isinstance(run(*command).exception, OutputError)
    assert out.read_text() == "precious"
    assert run(*command, "--force").exit_code == 0
    before = table.read_bytes()
    assert isinstance(run(table, "--task", "active", "-o", table, "--force").exception, OutputError)
    assert table.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "neither a file nor a registered"),
        (["bace", "--task", "pIC"], "no task 'pIC'"),
        (["bace", "--split-column", "Model"], "registered data set"),
        (["bace", "--fractions", "0.8,0.2"], "three numbers"),
        (["bace", "--arch", "mlp"], "architecture"),
        (["bace", "--patience", "0"], "patience"),
    ],
)
def test_what_cannot_be_trained_is_said(tmp_path, arguments, message):
    failure = run(*arguments, "-o", tmp_path / "m.molq").exception
    assert isinstance(failure, InputError)
    assert message in str(failure)
    assert not (tmp_path / "m.molq").exists()


def test_a_table_needs_its_tasks_named(table, tmp_path):
    failure = run(table, "-o", tmp_path / "m.molq").exception
    assert isinstance(failure, InputError)
    assert "--task" in str(failure)


def test_quantization_aware_training_writes_both_models(table, tmp_path):
    out, fp32 = tmp_path / "q.molq", tmp_path / "q.fp32.molq"
    arguments = (table, "--task", "active", "-o", out, *SMALL, "--qat", "w2a8", "--qat-epochs", 2)
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    assert f"{fp32}: dmpnn, 1 classification task, fp32, {fp32.stat().st_size:,} bytes\n" in done.stdout
    assert f"{out}: dmpnn, 1 classification task, w2a8, {out.stat().st_size:,} bytes\n" in done.stdout
    assert "\nqat: " in done.stdout
    loaded, reference = load(out), load(fp32)
    assert (loaded.network.scheme, reference.network.scheme) == ("w2a8", "fp32")
    assert loaded.card.provenance["quantized_from"]["content_hash"] == reference.content_hash
    labelled = read_labelled(table, tasks=["active"])
    test = labelled.subset(recorded_split(loaded.card.training, labelled).test)
    scores = Engine(loaded.network).scores(test.graphs)
    assert loaded.card.metrics["test_roc_auc"]["value"] == pytest.approx(roc_auc(test.labels[:, 0], scores[:, 0]))
    assert isinstance(run(*arguments).exception, OutputError)
    done = run(*arguments[:-3], "fp16", "--force")
    assert isinstance(done.exception, InputError)
    assert "no integer weights" in str(done.exception)


def test_repeats_show_their_spread_and_keep_the_first_split(table, tmp_path):
    command = [table, "--task", "active", *SMALL, "--name", "m", "--split-seed", 2]
    done = run(*command, "-o", tmp_path / "m.molq", "--repeats", 2, "--json")
    assert done.exit_code == 0, done.output
    training = json.loads(done.stdout)["training"]
    assert [split["seed"] for split in training["repeats"]["splits"]] == [2, 3]
    first = training["repeats"]["splits"][0]["metrics"]["roc_auc"]
    assert first == training["metrics"]["roc_auc"]
    done = run(*command, "-o", tmp_path / "alone.molq")
    text = " ".join(done.stdout.split())
    assert "puts the active first" in text
    assert "Called active from" in text
    models = [load(tmp_path / f"{name}.molq").network for name in ("m", "alone")]
    graphs = read_labelled(table, tasks=["active"]).graphs
    assert scores_of(models[0], graphs).tobytes() == scores_of(models[1], graphs).tobytes()
    failure = run(*command, "-o", tmp_path / "n.molq", "--repeats", 2, "--split", "scaffold").exception
    assert "--repeats" in str(failure) or "`repeats`" in str(failure)
    assert not (tmp_path / "n.molq").exists()


def test_a_page_is_written_beside_the_model(table, tmp_path):
    out, page = tmp_path / "m.molq", tmp_path / "m.html"
    command = [table, "--task", "active", "--task", "logS", "-o", out, *SMALL, "--report", page]
    done = run(*command)
    assert done.exit_code == 0, done.output
    text = page.read_text()
    assert "Predicted and measured logS" in text
    assert load(out).content_hash in text
    assert isinstance(run(*command[:-2], "--force", "--report", table).exception, OutputError)
