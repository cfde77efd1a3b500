from __future__ import annotations

import json

import pytest
from small import small_model, write_table
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import InputError, OutputError
from molq.quant.layers import layer_table
from molq.store.molqfile import load

CALIBSET = "smiles\nCCO\nc1ccccc1\nCC(=O)N\nFC(F)(F)c1ccncc1\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quantize")
    write_table(folder)
    return small_model(folder)


@pytest.fixture
def calibset(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(CALIBSET)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["quantize", *map(str, arguments)])


def test_sizes_before_and_after_are_those_of_the_files(model, calibset, tmp_path):
    out = tmp_path / "q.molq"
    done = run(model.path, "--calibset", calibset, "-o", out)
    assert done.exit_code == 0, done.output
    before, after = done.stdout.splitlines()
    assert before == f"{model.path}: {model.path.stat().st_size:,} bytes, fp32"
    assert after.startswith(f"{out}: {out.stat().st_size:,} bytes, int8, 0.")
    assert load(out).network.scheme == "int8"


def test_as_json_with_observer_and_overrides(model, calibset, tmp_path):
    out = tmp_path / "q.molq"
    done = run(
        model.path, "--calibset", calibset, "-o", out, "--observer", "mse", "--override", "head.*=bf16", "--json"
    )
    summary = json.loads(done.stdout)
    assert summary["size_bytes"] == out.stat().st_size
    assert summary["size_bytes_before"] == model.path.stat().st_size
    assert summary["calibration"]["observer"] == "mse"
    assert summary["calibration"]["molecules_used"] == 4
    weights = {row.name: row.weights for row in layer_table(load(out).network)}
    assert (weights["encoder.W_h"], weights["head.layers.0"]) == ("int8", "bf16")


def test_options_of_weights_and_observers(model, calibset, tmp_path):
    out = tmp_path / "q.molq"
    done = run(
        model.path, "--scheme", "w4a8", "--calibset", calibset, "-o", out, "--rounding", "adaround", "--no-equalize",
        "--no-bias-correction", "--observer", "auto", "--observer", "encoder.W_h:*=entropy",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    card = load(out).card
    assert card.provenance["rounding"] == "adaround"
    assert "equalize" not in card.provenance
    assert card.provenance["site_observers"] == ["encoder.W_h:*=entropy"]
    assert card.calibration["observer"] == "auto"
    done = run(model.path, "--scheme", "w4a16", "--rounding", "gptq", "-o", tmp_path / "w.molq")
    assert isinstance(done.exception, InputError)
    assert "calibration set" in str(done.exception)
    for option in (("--rounding", "up"), ("--observer", "W_h:0=eye")):
        done = run(model.path, "--calibset", calibset, "-o", tmp_path / "x.molq", *option)
        assert isinstance(done.exception, InputError), done.output


def test_int8_without_a_calibration_set_is_refused(model, tmp_path):
    done = run(model.path, "-o", tmp_path / "q.molq")
    assert isinstance(done.exception, InputError)
    assert "calibration set" in str(done.exception)


def test_a_calibration_set_that_no_layer_needs_is_mentioned(model, calibset, tmp_path):
    done = run(model.path, "--scheme", "int8-dynamic", "--calibset", calibset, "-o", tmp_path / "q.molq")
    assert done.exit_code == 0
    assert "needs no calibration set" in done.stderr


def test_bad_molecules_of_the_set_are_named(model, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(CALIBSET + "C((\n")
    done = run(model.path, "--calibset", path, "-o", tmp_path / "q.molq")
    assert done.exit_code == 0
    assert "row 4: C(( is left out" in done.stderr


def test_outputs_are_kept_and_inputs_never_written(model, calibset, tmp_path):
    out = tmp_path / "q.molq"
    out.write_bytes(b"mine")
    assert isinstance(run(model.path, "--calibset", calibset, "-o", out).exception, OutputError)
    assert out.read_bytes() == b"mine"
    assert run(model.path, "--calibset", calibset, "-o", out, "--force").exit_code == 0
    done = run(model.path, "--calibset", calibset, "-o", model.path, "--force")
    assert "is an input and is not overwritten" in str(done.exception)
    assert load(model.path).network.scheme == "fp32"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scheme", "int7"], "unknown scheme 'int7'"),
        (["--observer", "guess"], "unknown observer 'guess'"),
        (["--override", "head"], "PATTERN=SCHEME"),
        (["--override", "tail.*=fp32"], "matches no layer"),
    ],
)
def test_wrong_options_are_explained(model, calibset, tmp_path, arguments, message):
    done = run(model.path, "--calibset", calibset, "-o", tmp_path / "q.molq", *arguments)
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)
    assert not (tmp_path / "q.molq").exists()


def test_quantization_aware_training_says_what_it_brought(model, calibset, tmp_path):
    out, table = tmp_path / "q.molq", model.path.parent / "table.csv"
    arguments = (model.path, "--scheme", "w2a8", "--rounding", "nearest", "--calibset", calibset, "-o", out)
    done = run(*arguments, "--qat-epochs", 2, "--qat-lr", 1e-3, "--data", table)
    assert done.exit_code == 0, done.output
    assert "qat: error of the logits " in done.stdout
    assert "of their spread on 32 validation molecules of table; best epoch " in done.stdout
    record = load(out).card.provenance["qat"]
    assert (record["epochs"], record["learning_rate"], record["n_train"]) == (2, 1e-3, 96)
    done = run(*arguments, "--qat-epochs", 1, "--qat-lr", 5, "--data", table, "--force")
    assert "kept as quantized after training" in done.stdout
    done = run(*arguments, "--qat-epochs", 1, "--data", table, "--force", "--json")
    assert json.loads(done.stdout)["qat"]["members"][0]["error_before"] > 0
    for incomplete in (("--qat-epochs", 1), ("--data", table)):
        done = run(*arguments, *incomplete, "--force")
        assert isinstance(done.exception, InputError)
        assert "go together" in str(done.exception)


def test_an_observer_that_nothing_uses_is_mentioned(model, tmp_path):
    done = run(model.path, "--scheme", "int8-dynamic", "--observer", "mse", "-o", tmp_path / "q.molq")
    assert done.exit_code == 0
    assert "--observer is not used" in done.stderr


def test_a_missing_folder_is_noticed_before_the_work(model, tmp_path):
    done = run(model.path, "--scheme", "fp16", "-o", tmp_path / "none" / "q.molq")
    assert isinstance(done.exception, OutputError)
    assert "no such directory" in str(done.exception)


def test_molecules_to_learn_from_have_a_column_of_any_name(model, calibset, tmp_path):
    odd = tmp_path / "odd.csv"
    odd.write_text(CALIBSET.replace("smiles", "structure_of"))
    arguments = (model.path, "--calibset", calibset, "-o", tmp_path / "q.molq", "--qat-epochs", 1, "--data", odd)
    done = run(*arguments, "--smiles-column", "structure_of")
    assert done.exit_code == 0, done.output
