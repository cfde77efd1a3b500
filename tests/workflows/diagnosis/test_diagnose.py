"""Models and calibration sets made to fail: the cause is named first, and the first remedy recovers the loss."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from faults import fragments, given, one_scaffold, with_outliers
from heard import Heard

from molq.data.labels import load_dataset
from molq.errors import InputError, UnsupportedError
from molq.quant.scheme import get_scheme
from molq.results.diagnosis import ENOUGH
from molq.results.plain import plain
from molq.store.molqfile import Loaded, load, save
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.diagnosis.attempts import scheme_of
from molq.workflows.diagnosis.diagnose import Diagnosed, diagnose
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
) -> Diagnosed:
    made = quantize_loaded(source, get_scheme("int8"), calibration)
    quantized = save(folder / "q.molq", made.network, made.card)
    return diagnose(quantized, source, str(table), calibration.calibset if is_given else None, resamples=100)


def check_cured(diagnosed: Diagnosed, source: Loaded, table: Path, folder: Path) -> None:
    """The first remedy, made anew, saved and loaded back, recovers the loss."""
    found = diagnosed.found
    assert found.best is found.remedies[0]
    assert found.best.recovered >= ENOUGH
    mended = diagnosed.fix()
    fixed = load(save(folder / "fixed.molq", mended.made.network, mended.made.card).path)
    on = yardstick(source.network, read_probe(str(table), source), n_resamples=100)
    after = on.compare(fixed.network)
    assert after == found.best.fidelity
    assert after.logit_mse <= (1 - ENOUGH) * found.before.logit_mse
    if found.before.is_material:
        assert after.loss.value <= (1 - ENOUGH) * found.before.loss.value
    assert (mended.calibset is not None) == (found.best.calibration_set != "given")
    json.dumps(plain(found), allow_nan=False)


def test_outlier_channels_are_named_and_cured(floats, table, tmp_path):
    broken, channels = with_outliers(floats.network, FACTOR)
    source = save(tmp_path / "broken.molq", broken, floats.card)
    calibration = given(read_probe(str(table), floats).smiles[:80])
    on = yardstick(floats.network, read_probe(str(table), floats))
    assert on.compare(source.network).score_mse < 1e-12, "the injection must not change the float model"
    done = diagnosed(source, calibration, table, tmp_path, is_given=False)
    found = done.found
    assert found.before.is_material, "the ROC-AUC itself must have suffered"
    assert found.causes[0].name == "outlier channels"
    step = next(step for step in found.steps if step.name == "outliers")
    assert step.is_suspect
    named = {c.index for s in step.evidence.sites if s.layer == "head.layers.0" for c in s.channels}
    assert named
    assert named <= set(channels)
    check_cured(done, source, table, tmp_path)


def test_a_set_of_fragments_is_named_and_cured(floats, table, tmp_path):
    done = diagnosed(floats, fragments(), table, tmp_path)
    found = done.found
    assert not found.is_healthy
    assert found.causes[0].name == "calibration set"
    suspects = {step.name for step in found.steps if step.is_suspect}
    assert {"drop", "calibration set", "clipping", "set size"} <= suspects
    assert "outliers" not in suspects
    assert found.best.cause == "calibration set"
    reasons = next(step for step in found.steps if step.name == "calibration set").evidence.reasons
    assert all(f"molq calibset build {table} " in reason.remedy for reason in reasons)
    check_cured(done, floats, table, tmp_path)
    assert scheme_of(done.trials.quantized) == get_scheme("int8")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*molecules stand in.*:molq.errors.MolqWarning")  # as ClinTox has them
def test_a_set_of_one_scaffold_is_named_and_cured(tmp_path):
    """76 steroids of one scaffold calibrate a model of all kinds of drugs: the logits lose, the ROC-AUC hardly does."""
    source, table = load(MODELS / "clintox-dmpnn.molq"), write_some(tmp_path, "clintox", 400)
    steroids = one_scaffold("bbbp", "O=C1C=CC2C(=C1)CCC1C3CCCC3CCC21")
    assert len(steroids.calibset.smiles) == 76
    done = diagnosed(source, steroids, table, tmp_path)
    found = done.found
    assert not found.is_healthy
    assert found.causes[0].name == "calibration set"
    assert "not representative" in found.causes[0].because[0]
    assert found.best.cause == "calibration set"
    check_cured(done, source, table, tmp_path)


def test_outliers_and_a_bad_set_together_are_named_and_cured(floats, table, tmp_path):
    broken, _ = with_outliers(floats.network, FACTOR)
    source = save(tmp_path / "broken.molq", broken, floats.card)
    done = diagnosed(source, fragments(), table, tmp_path)
    found = done.found
    assert found.causes[0].name == "calibration set and outlier channels"
    assert {"calibration set", "outliers"} <= {step.name for step in found.steps if step.is_suspect}
    assert found.best.cause == found.causes[0].name
    check_cured(done, source, table, tmp_path)


def test_a_healthy_model_is_left_in_peace(floats, table, tmp_path):
    calibration, heard = given(read_probe(str(table), floats).smiles[:80]), Heard()
    made = quantize_loaded(floats, get_scheme("int8"), calibration)
    quantized = save(tmp_path / "q.molq", made.network, made.card)
    done = diagnose(quantized, floats, str(table), resamples=100, progress=heard)
    found = done.found
    assert found.is_healthy
    assert (found.best, found.causes, found.remedies, done.best, done.fix()) == (None, (), (), None, None)
    assert not any(step.is_suspect for step in found.steps)
    assert heard.stages == ["molecules", "size of the drop", "calibration set", "activations"]


def test_a_handful_of_molecules_is_too_few(floats, tmp_path):
    (tmp_path / "few.smi").write_text("CCO\nCCC\n")
    made = quantize_loaded(floats, get_scheme("int8-dynamic"))
    quantized = save(tmp_path / "q.molq", made.network, made.card)
    with pytest.raises(InputError, match="2 molecules"):
        diagnose(quantized, floats, str(tmp_path / "few.smi"))


def test_models_that_do_not_belong_together_are_refused(floats, table):
    with pytest.raises(UnsupportedError, match="name a quantized model"):
        diagnose(floats, floats, str(table))
