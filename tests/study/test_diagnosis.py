"""Models and calibration sets made to fail: the cause is named first, and the first remedy recovers the loss."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from faults import fragments, given, with_outliers

from molq.data.labels import load_dataset
from molq.errors import UnsupportedError
from molq.quant.scheme import get_scheme
from molq.store.molqfile import Loaded, load, save
from molq.study.calibration import CalibrationMolecules
from molq.study.diagnosis import Diagnosis, diagnose
from molq.study.fidelity import yardstick
from molq.study.quantized import quantize_loaded
from molq.study.remedies import ENOUGH, make, scheme_of
from molq.study.target import read_target

MODEL = Path(__file__).resolve().parents[2] / "models" / "bace-dmpnn.molq"
FACTOR = 200


@pytest.fixture(scope="module")
def floats() -> Loaded:
    return load(MODEL)


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """160 molecules of BACE, drawn at random, with labels."""
    bace = load_dataset("bace")
    chosen = np.random.default_rng(0).permutation(len(bace))[:160]
    path = tmp_path_factory.mktemp("bace") / "bace160.csv"
    path.write_text("smiles,Class\n" + "".join(f"{bace.smiles[i]},{int(bace.labels[i, 0])}\n" for i in chosen))
    return path


def diagnosed(source: Loaded, calibration: CalibrationMolecules, table: Path, folder: Path) -> tuple[Diagnosis, Loaded]:
    made = quantize_loaded(source, get_scheme("int8"), calibration)
    quantized = save(folder / "q.molq", made.model, made.card)
    on = yardstick(source.model, read_target(str(table), source), n_resamples=200)
    return diagnose(quantized, source, on, calibration), quantized


def check_cured(found: Diagnosis, source: Loaded, table: Path, folder: Path) -> None:
    """The first remedy, made anew, saved and loaded back, recovers the loss."""
    assert found.best is found.remedies[0]
    assert found.best.recovered >= ENOUGH
    made = make(found.best.treatment, source, found.sets)
    fixed = load(save(folder / "fixed.molq", made.model, made.card).path)
    on = yardstick(source.model, read_target(str(table), source), n_resamples=200)
    after = on.compare(fixed.model)
    assert after.score_mse <= (1 - ENOUGH) * found.before.score_mse
    if found.before.is_significant:
        assert after.loss.value <= (1 - ENOUGH) * found.before.loss.value
    json.dumps(found.to_dict(), allow_nan=False)


def test_outlier_channels_are_named_and_cured(floats, table, tmp_path):
    broken, channels = with_outliers(floats.model, FACTOR)
    source = save(tmp_path / "broken.molq", broken, floats.card)
    calibration = given(read_target(str(table), floats).smiles[:80])
    on = yardstick(floats.model, read_target(str(table), floats))
    assert on.compare(source.model).score_mse < 1e-12, "the injection must not change the float model"
    found, _ = diagnosed(source, calibration, table, tmp_path)
    assert not found.is_healthy
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
    assert found.before.is_significant
    assert found.causes[0].name == "calibration set"
    suspects = {step.name for step in found.steps if step.is_suspect}
    assert {"drop", "calibration set", "clipping", "set size"} <= suspects
    assert "outliers" not in suspects
    assert found.best.treatment.cause == "calibration set"
    check_cured(found, floats, table, tmp_path)
    assert scheme_of(quantized) == get_scheme("int8")


def test_models_that_do_not_belong_together_are_refused(floats, table, tmp_path):
    with pytest.raises(UnsupportedError, match="name a quantized model"):
        diagnose(floats, floats, yardstick(floats.model, read_target(str(table), floats)))
