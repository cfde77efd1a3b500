import json

import pytest
import torch
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import ModelFileError
from molq.nn.config import PredictorConfig
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
    return RUNNER.invoke(app, ["info", *map(str, arguments)])


def test_the_card_is_readable(model):
    done = run(model)
    assert done.exit_code == 0
    for words in (
        "BACE [inhibition]\ninhibitors of beta-secretase\n",
        "2 tasks (regression): pIC50, logP",
        f"fp32, {model.stat().st_size:,} bytes",
        "ROC-AUC 0.8700 [0.8300, 0.9100] on 152 molecules",
        "valid curve: 30 entries",
        "encoder.W_h",
    ):
        assert words in done.stdout, words
    assert "verified" not in done.stdout


def test_json_holds_everything(model):
    described = json.loads(run(model, "--json").stdout)
    assert described["size_bytes"] == model.stat().st_size
    assert described["members"][0]["d_h"] == 8
    assert described["scheme"] == "fp32"
    assert described["card"]["metrics"]["roc_auc"]["low"] == 0.83
    assert {row["name"]: row["weights"] for row in described["layers"]}["encoder.W_h"] == "fp32"
    assert described["content_hash"].startswith("sha256:")


def test_verify_reads_the_tensors_too(model):
    assert "\nverified" in run(model, "--verify").stdout
    raw = bytearray(model.read_bytes())
    raw[-1] ^= 1
    model.write_bytes(raw)
    assert run(model).exit_code == 0
    assert isinstance(run(model, "--verify").exception, ModelFileError)
