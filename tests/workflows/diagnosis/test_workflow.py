"""Models and calibration sets made to fail: the cause is named first, and the first remedy recovers the loss."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from faults import fragments, given, one_scaffold, with_outliers

from molq.data.labels import load_dataset
from molq.errors import InputError, UnsupportedError
from molq.quant.scheme import get_scheme
from molq.store.molqfile import Loaded, load, save
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.diagnosis.remedies import ENOUGH, make, scheme_of
from molq.workflows.diagnosis.workflow import Diagnosis, diagnose
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.quantized import quantize_loaded

MODELS = Path(__file__).resolve().parents[3] / "models"
FACTOR = 1000


@pytest.fixture(scope="module")
def floats() -> Loaded:
    return load(MODELS / "bace-dmpnn.molq")


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """160 molecules of BACE, drawn at random, with labels."""
    return write_some(tmp_path_factory.mktemp("bace"), "bace", 160)


def write_some(folder: Path, name: str, n: int) -> Path:
    """A labelled table of that many molecules of a data set, drawn at random."""
    dataset = load_dataset(name)
    chosen = np.random.default_rng(0).permutation(len(dataset))[:n]
    path = folder / f"{name}.csv"
    rows = [",".join([dataset.smiles[i], *(f"{label:g}" for label in dataset.labels[i])]) for i in chosen]
    path.write_text("\n".join([",".join(["smiles", *dataset.tasks]), *rows]) + "\n")
    return path


def diagnosed(
    source: Loaded, calibration: CalibrationMolecules, table: Path, folder: Path, is_given: bool = True
) -> tuple[Diagnosis, Loaded]:
    made = quantize_loaded(source, get_scheme("int8"), calibration)
    quantized = save(folder / "q.molq", made.network, made.card)
    on = yardstick(source.network, read_probe(str(table), source), n_resamples=200)
    return diagnose(quantized, source, on, calibration if is_given else None), quantized


def check_cured(found: Diagnosis, source: Loaded, table: Path, folder: Path) -> None:
    """The first remedy, made anew, saved and loaded back, recovers the loss."""
    assert found.best is found.remedies[0]
    assert found.best.recovered >= ENOUGH
    made = make(found.best.treatment, source, found.sets)
    fixed = load(save(folder / "fixed.molq", made.network, made.card).path)
    on = yardstick(source.network, read_probe(str(table), source), n_resamples=200)
    after = on.compare(fixed.network)
    assert after.logit_mse <= (1 - ENOUGH) * found.before.logit_mse
    if found.before.is_material:
        assert after.loss.value <= (1 - ENOUGH) * found.before.loss.value
    json.dumps(found.to_dict(), allow_nan=False)


def test_outlier_channels_are_named_and_cured(floats, table, tmp_path):
    broken, channels = with_outliers(floats.network, FACTOR)
    source = save(tmp_path / "broken.molq", broken, floats.card)
    calibration = given(read_probe(str(table), floats).smiles[:80])
    on = yardstick(floats.network, read_probe(str(table), floats))
    assert on.compare(source.network).score_mse < 1e-12, "the injection must not change the float model"
    found, _ = diagnosed(source, calibration, table, tmp_path, is_given=False)
    assert found.before.is_material, "the ROC-AUC itself must have suffered"
    assert found.causes[0].name == "outlier channels"
    step = next(step for step in found.steps if step.name == "outliers")
    assert step.is_suspect
    named = {
        c
        for s in step.evidence["sites"]
        if s["layer"] == "head.layers.0"
        for c in (channel["index"] for channel in s["channels"])
    }
    assert named
    assert named <= set(channels)
    check_cured(found, source, table, tmp_path)


def test_a_set_of_fragments_is_named_and_cured(floats, table, tmp_path):
    found, quantized = diagnosed(floats, fragments(), table, tmp_path)
    assert not found.is_healthy
    assert found.causes[0].name == "calibration set"
    suspects = {step.name for step in found.steps if step.is_suspect}
    assert {"drop", "calibration set", "clipping", "set size"} <= suspects
    assert "outliers" not in suspects
    assert found.best.treatment.cause == "calibration set"
    check_cured(found, floats, table, tmp_path)
    assert scheme_of(quantized) == get_scheme("int8")


def test_a_set_of_one_scaffold_is_named_and_cured(tmp_path):
    """76 steroids of one scaffold calibrate a model of all kinds of drugs: the logits lose, the ROC-AUC hardly does."""
    source, table = load(MODELS / "clintox-dmpnn.molq"), write_some(tmp_path, "clintox", 400)
    steroids = one_scaffold("bbbp", "O=C1C=CC2C(=C1)CCC1C3CCCC3CCC21")
    assert len(steroids.calibset.smiles) == 76
    found, _ = diagnosed(source, steroids, table, tmp_path)
    assert not found.is_healthy
    assert found.causes[0].name == "calibration set"
    assert "not representative" in found.causes[0].because[0]
    assert found.best.treatment.cause == "calibration set"
    check_cured(found, source, table, tmp_path)


def test_outliers_and_a_bad_set_together_are_named_and_cured(floats, table, tmp_path):
    broken, _ = with_outliers(floats.network, FACTOR)
    source = save(tmp_path / "broken.molq", broken, floats.card)
    found, _ = diagnosed(source, fragments(), table, tmp_path)
    assert found.causes[0].name == "calibration set and outlier channels"
    assert {"calibration set", "outliers"} <= {step.name for step in found.steps if step.is_suspect}
    assert found.best.treatment.cause == found.causes[0].name
    check_cured(found, source, table, tmp_path)


def test_a_healthy_model_is_left_in_peace(floats, table, tmp_path):
    calibration = given(read_probe(str(table), floats).smiles[:80])
    found, _ = diagnosed(floats, calibration, table, tmp_path, is_given=False)
    assert found.is_healthy
    assert (found.best, found.causes, found.remedies) == (None, [], [])
    assert not any(step.is_suspect for step in found.steps)


def test_a_handful_of_molecules_is_too_few(floats, tmp_path):
    (tmp_path / "few.smi").write_text("CCO\nCCC\n")
    made = quantize_loaded(floats, get_scheme("int8-dynamic"))
    quantized = save(tmp_path / "q.molq", made.network, made.card)
    with pytest.raises(InputError, match="2 molecules"):
        diagnose(quantized, floats, yardstick(floats.network, read_probe(str(tmp_path / "few.smi"), floats)))


def test_models_that_do_not_belong_together_are_refused(floats, table, tmp_path):
    with pytest.raises(UnsupportedError, match="name a quantized model"):
        diagnose(floats, floats, yardstick(floats.network, read_probe(str(table), floats)))
