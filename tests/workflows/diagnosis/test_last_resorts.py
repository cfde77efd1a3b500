from __future__ import annotations

from functools import partial

import pytest
from outcomes import tried

from molq.quant.scheme import get_scheme
from molq.store.molqfile import save
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.diagnosis import last_resorts
from molq.workflows.diagnosis.attempts import GIVEN, SCHEME_CAUSE, SET_CAUSE, TRAINING_CAUSE
from molq.workflows.diagnosis.last_resorts import GROWTH, mixed, needs_mixed, needs_training, trained
from molq.workflows.diagnosis.trials import Trials
from molq.workflows.precision.layers import layer_bytes
from molq.workflows.precision.quantized import quantize_loaded
from molq.workflows.tuning.fine_tune import tuning_molecules


@pytest.fixture(scope="module")
def trials_of(folder, model, calibration_of_table, tmp_path_factory):
    """Trials of the model, quantized with a scheme of that name."""
    table = str(folder / "table.csv")
    on = yardstick(model.network, read_probe(table, model), n_resamples=100)

    def made(name: str) -> Trials:
        found = quantize_loaded(model, get_scheme(name), calibration_of_table)
        quantized = save(tmp_path_factory.mktemp(name) / "q.molq", found.network, found.card)
        learn = partial(tuning_molecules, table, model)
        return Trials(quantized, model, {GIVEN: calibration_of_table}, on, on.compare(quantized.network), learn)

    return made


def test_a_mixed_file_stays_small(trials_of, tmp_path):
    trials = trials_of("w4a8")
    ((attempt, remedy),) = mixed(trials, [])
    made = trials.make(attempt)
    saved = save(tmp_path / "mixed.molq", made.network, made.card)
    assert saved.size_bytes <= GROWTH * trials.quantized.size_bytes
    assert trials.on.compare(made.network) == remedy.fidelity
    assert remedy.recovered_noise > 0


def test_training_keeps_the_scheme_and_can_be_made_again(trials_of, monkeypatch):
    monkeypatch.setattr(last_resorts, "EPOCHS", 2)
    trials = trials_of("w2a8")
    ((attempt, remedy),) = trained(trials, [], seed=1)
    assert (attempt.cause, remedy.qat_epochs) == (TRAINING_CAUSE, 2)
    assert remedy.layer_bytes == sum(layer_bytes(trials.quantized.network).values())
    assert trials.on.compare(trials.make(attempt).network) == remedy.fidelity


def test_float_weights_are_not_trained(trials_of):
    assert trained(trials_of("fp16"), [], seed=1) == []


def test_last_resorts_wait_for_what_is_simpler():
    dynamic, half = tried(SCHEME_CAUSE, 1.0), tried(SCHEME_CAUSE, 1.0, size_bytes=195)
    assert not needs_mixed([tried(SET_CAUSE, 0.9)])
    assert needs_mixed([tried(SET_CAUSE, 0.7), tried(SET_CAUSE, 0.9, decibels=20), dynamic])
    assert not needs_training([dynamic], 100)
    assert needs_training([half, tried(SET_CAUSE, 0.7)], 100)
