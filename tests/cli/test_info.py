import json
import re
import sys

import pytest
import torch
from typer.testing import CliRunner

from molq.cli.main import app, main
from molq.errors import ModelFileError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor
from molq.store.card import Card
from molq.store.molqfile import save

RUNNER = CliRunner()
CARD = Card(
    "BACE [inhibition]",
    "inhibitors of beta-secretase",
    training={"dataset": "bace", "seed": 3, "valid_curve": [0.1 * i for i in range(30)]},
    calibration={"strategy": "scaffold", "size": 200, "coverage": {"scaffold": 0.51, "element": 1.0}},
    metrics={"roc_auc": {"value": 0.87, "low": 0.83, "high": 0.91, "n": 152}, "bedroc_20": None},
)


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    config = PredictorConfig("dmpnn", ("pIC50", "logP"), "regression", d_h=8, head_hidden=(4,))
    save(tmp_path / "m.molq", Predictor(config), CARD)
    return tmp_path / "m.molq"


def run(*arguments):
    return RUNNER.invoke(app, ["info", *map(str, arguments)], env={"COLUMNS": "120"})


def test_the_card_is_readable(model):
    done = run(model)
    assert done.exit_code == 0
    text = done.stdout
    for words in (
        "BACE [inhibition]",
        "inhibitors of beta-secretase",
        "dmpnn, V2 features, d_h 8, depth 3, norm readout, head 4-2",
        "2 (regression): pIC50, logP",
        f"{model.stat().st_size:,} bytes",
        "0.87 [0.83, 0.91], n = 152",
        "not known",
        "element 1; scaffold 0.51",
        "30 entries, the last: 2.9",
        "encoder.W_h",
        "8×8",
    ):
        assert words in text, words
    assert re.search(r"^scheme +fp32 *$", text, re.MULTILINE)
    assert "verified" not in text


def test_json_holds_everything(model):
    described = json.loads(run(model, "--json").stdout)
    assert described["size_bytes"] == model.stat().st_size
    assert described["members"][0]["d_h"] == 8
    assert described["scheme"] == "fp32"
    assert described["card"]["metrics"]["roc_auc"]["low"] == 0.83
    assert {row["name"]: row["weights"] for row in described["layers"]}["encoder.W_h"] == "fp32"
    assert described["content_hash"].startswith("sha256:")


def test_an_ensemble_counts_its_members(tmp_path):
    config = PredictorConfig("gine", ("y",), "classification", d_h=4, readout="mean", depth=1)
    save(tmp_path / "e.molq", Ensemble([Predictor(config), Predictor(config)]), CARD)
    assert re.search(r"^ensemble +2 members *$", run(tmp_path / "e.molq").stdout, re.MULTILINE)


def test_verify_reads_the_tensors_too(model):
    assert "(verified)" in run(model, "--verify").stdout
    raw = bytearray(model.read_bytes())
    raw[-1] ^= 1
    model.write_bytes(raw)
    assert run(model).exit_code == 0
    assert isinstance(run(model, "--verify").exception, ModelFileError)


def test_a_failure_is_one_line_and_exit_code_1(tmp_path, monkeypatch, capsys):
    (tmp_path / "x.molq").write_text("hello")
    monkeypatch.setattr(sys, "argv", ["molq", "info", str(tmp_path / "x.molq")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"error: {tmp_path / 'x.molq'}: not a .molq file, or cut short\n"
