from __future__ import annotations

import pytest

from molq.quant.scheme import get_scheme
from molq.store.molqfile import Loaded, save
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.diagnosis import last_resorts
from molq.workflows.diagnosis.last_resorts import GROWTH, mixed, trained
from molq.workflows.diagnosis.remedies import GIVEN, TRAINING_CAUSE, make
from molq.workflows.precision.quantized import quantize_loaded
from molq.workflows.precision.sensitivity import layer_bytes
from molq.workflows.tuning.fine_tune import tuning_molecules


@pytest.fixture(scope="module")
def on(folder, model):
    return yardstick(model.network, read_probe(str(folder / "table.csv"), model), n_resamples=100)


def quantized_as(name: str, model: Loaded, calibration, folder) -> Loaded:
    made = quantize_loaded(model, get_scheme(name), calibration)
    return save(folder / f"{name}.molq", made.network, made.card)


def test_a_mixed_file_stays_small(model, calibration_of_table, on, tmp_path):
    quantized = quantized_as("w4a8", model, calibration_of_table, tmp_path)
    (remedy,) = mixed(quantized, model, {GIVEN: calibration_of_table}, on, on.compare(quantized.network), [])
    made = make(remedy.treatment, model, {GIVEN: calibration_of_table})
    assert save(tmp_path / "mixed.molq", made.network, made.card).size_bytes <= GROWTH * quantized.size_bytes
    assert on.compare(made.network) == remedy.fidelity
    assert remedy.recovered_noise > 0


def test_training_keeps_the_scheme_and_can_be_made_again(
    folder, model, calibration_of_table, on, tmp_path, monkeypatch
):
    monkeypatch.setattr(last_resorts, "EPOCHS", 2)
    quantized = quantized_as("w2a8", model, calibration_of_table, tmp_path)
    sets, molecules = {GIVEN: calibration_of_table}, tuning_molecules(str(folder / "table.csv"), model)
    (remedy,) = trained(quantized, model, sets, on, on.compare(quantized.network), [], molecules, seed=1)
    assert remedy.treatment.cause == TRAINING_CAUSE
    assert remedy.treatment.training.epochs == 2
    assert remedy.size_bytes == sum(layer_bytes(quantized.network).values())
    assert on.compare(make(remedy.treatment, model, sets, molecules).network) == remedy.fidelity


def test_float_weights_are_not_trained(folder, model, calibration_of_table, on, tmp_path):
    quantized = quantized_as("fp16", model, calibration_of_table, tmp_path)
    molecules = tuning_molecules(str(folder / "table.csv"), model)
    sets = {GIVEN: calibration_of_table}
    assert trained(quantized, model, sets, on, on.compare(quantized.network), [], molecules, seed=1) == []
