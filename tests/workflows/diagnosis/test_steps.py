"""Each question alone: what is suspect, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
from faults import fragments, given
from msgspec import structs
from outcomes import tried

from molq.quant.scheme import get_scheme
from molq.results.sensitivity import SiteActivations
from molq.store.molqfile import save
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.diagnosis.attempts import RANGE_CAUSE, SET_CAUSE
from molq.workflows.diagnosis.steps import baseline, calibration_set, clipping, comparisons, drop, outliers
from molq.workflows.precision.quantized import quantize_loaded

SITE = SiteActivations("a", 0, 0.0, 1.0, (0.0, 1.0), 0.001, 1.0, (), 0, 2.0, 0, 4, (0.0, 1.0), (5.0,))


@pytest.fixture(scope="module")
def on(folder, model):
    return yardstick(model.network, read_probe(str(folder / "table.csv"), model), n_resamples=100)


@pytest.fixture(scope="module")
def quantized(model, calibration_of_table, tmp_path_factory):
    made = quantize_loaded(model, get_scheme("int8"), calibration_of_table)
    return save(tmp_path_factory.mktemp("q") / "q.molq", made.network, made.card)


def test_the_model_it_was_made_from_is_known_by_its_content(quantized, model, on):
    own = baseline(quantized, model, on)
    assert not own.is_suspect
    assert own.evidence.quantized_from_reference is True
    assert own.evidence.low <= own.evidence.value <= own.evidence.high
    other = baseline(quantized, model._replace(content_hash="another"), on)
    assert other.is_suspect
    assert "another file than the reference" in other.finding


def test_a_drop_is_suspect_when_the_model_is_not_healthy(on):
    before = tried("", 0.0, decibels=30.0).remedy.fidelity
    assert not drop(before, on).is_suspect
    noisy = drop(structs.replace(before, sqnr_db=12.0), on)
    assert noisy.is_suspect
    assert "12.0 dB" in noisy.finding


def test_a_poor_set_is_held_against_the_molecules_by_their_name(folder, quantized, on):
    words = [str(folder / "the library.csv"), "--smiles-column", "smiles"]
    step = calibration_set(quantized, fragments(), on, words, seed=0)
    assert step.is_suspect
    assert step.finding.startswith("not the set that the model was made with; 12 molecules")
    said = [reason.finding for reason in step.evidence.reasons]
    assert said
    assert not any("library" in finding for finding in said)
    assert any("table" in finding for finding in said)
    command = f"molq calibset build '{folder}/the library.csv' --smiles-column smiles --strategy"
    assert all(command in reason.remedy for reason in step.evidence.reasons)


def test_a_set_too_small_to_judge_is_suspect_by_itself(folder, quantized, on):
    step = calibration_set(quantized, given(["CCO", "CCN"]), on, ["x"], seed=0)
    assert step.is_suspect
    assert step.evidence.molecules == 2
    assert step.evidence.verdict is None


def test_no_set_is_no_suspicion(quantized, on):
    step = calibration_set(quantized, None, on, ["x"], seed=0)
    assert (step.is_suspect, step.evidence) == (False, None)


@pytest.mark.parametrize(
    ("beyond", "overshoot", "is_suspect"), [(0.001, 2.0, False), (0.003, 1.0, True), (0.0, 3.1, True)]
)
def test_a_range_that_leaves_much_out_is_suspect(beyond, overshoot, is_suspect):
    site = structs.replace(SITE, beyond=beyond, overshoot=overshoot)
    assert clipping([SITE, site]).is_suspect is is_suspect
    assert len(clipping([SITE, site]).evidence.sites) == 2


def test_inputs_without_a_fixed_range_cannot_clip():
    step = clipping([structs.replace(SITE, range=None, beyond=None, overshoot=None)])
    assert (step.is_suspect, step.evidence) == (False, None)


def test_outlier_channels_are_suspect():
    assert not outliers([SITE]).is_suspect
    assert outliers([SITE, structs.replace(SITE, n_outliers=1, largest_ratio=np.inf)]).is_suspect
    assert outliers([]).evidence is None


def test_a_last_resort_is_not_needed_where_the_best_remedy_is_enough():
    enough, other = tried(SET_CAUSE, 0.99), tried(RANGE_CAUSE, 0.5)
    found = {step.name: step for step in comparisons([other, enough], 100)}
    assert found["set size"].is_suspect
    assert not found["observers"].is_suspect
    assert found["training"].finding == f"last resort, not needed: {enough.remedy.name} is enough"
    assert "equalization" not in found
    assert comparisons([other], 100)[-1].finding == "last resort, not possible here"
