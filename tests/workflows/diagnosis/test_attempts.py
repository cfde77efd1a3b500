from __future__ import annotations

from dataclasses import replace

import pytest

from molq.quant.scheme import Scheme, get_scheme
from molq.store.molqfile import Loaded, load, save
from molq.workflows.diagnosis.attempts import GIVEN, SET_CAUSE, Attempt, attempts, make, scheme_of
from molq.workflows.precision.mixed import mixed_scheme
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.tuning.fine_tune import tuning_molecules, tuning_settings
from molq.workflows.tuning.quantize import quantize

INT8, W4A8 = get_scheme("int8"), get_scheme("w4a8")
SCHEMES = [
    INT8,
    get_scheme("int8-dynamic"),
    get_scheme("fp16"),
    replace(INT8, observer="auto"),
    replace(INT8, observer="percentile", site_observers=(("encoder.W_h:*", "mse"), ("encoder.W_o*", "minmax"))),
    replace(INT8, rounding="gptq", equalize=True, bias_correction=True),
    replace(W4A8, equalize=False, bias_correction=False, rounding="nearest"),
    INT8.with_overrides(("head.*", "fp16"), ("encoder.W_h", "w4a8")),
]


def attempt_of(scheme: Scheme, **changes: object) -> Attempt:
    return replace(Attempt("", "", scheme, GIVEN), **changes)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: str(attempt_of(s).parameters))
def test_the_parameters_make_what_the_attempt_makes(scheme, model, calibration_of_table, tmp_path):
    attempt = attempt_of(scheme)
    by_call = quantize(model, calibset=calibration_of_table.calibset, **attempt.parameters).made
    made = make(attempt, model, {GIVEN: calibration_of_table})
    assert saved(by_call, tmp_path).content_hash == saved(made, tmp_path).content_hash
    assert scheme_of(load(tmp_path / "m.molq")) == scheme


def test_they_train_as_the_attempt_does(folder, model, calibration_of_table, tmp_path):
    attempt, table = attempt_of(get_scheme("w2a8"), training=tuning_settings(1, seed=3)), str(folder / "table.csv")
    by_call = quantize(model, calibset=calibration_of_table.calibset, data=table, **attempt.parameters).made
    made = make(attempt, model, {GIVEN: calibration_of_table}, tuning_molecules(table, model, 3))
    assert saved(by_call, tmp_path).content_hash == saved(made, tmp_path).content_hash


def test_a_mix_is_made_again_with_the_same_integers(model, calibration_of_table):
    mix = dict.fromkeys(("encoder.W_i_atom", "encoder.W_i_bond", "encoder.W_o_atom", "head.layers.1"), "int8")
    scheme = mixed_scheme(mix | {"encoder.W_h": "w4a8", "encoder.W_o_msg": "fp16", "head.layers.0": "int8"})
    attempt = attempt_of(scheme)
    by_call = quantize(model, calibset=calibration_of_table.calibset, **attempt.parameters).made
    made = make(attempt, model, {GIVEN: calibration_of_table})
    one, other = by_call.network.state_dict(), made.network.state_dict()
    assert all(one[key].equal(other[key]) for key in one)


def saved(made: QuantizedModel, folder) -> Loaded:
    return save(folder / "m.molq", made.network, made.card, force=True)


def test_only_what_could_help_is_tried(model, calibration_of_table):
    sets = {GIVEN: calibration_of_table, "100": calibration_of_table}

    def causes(scheme: Scheme) -> set[str]:
        return {attempt.cause for attempt in attempts(scheme, sets, model)}

    assert causes(get_scheme("fp16")) == set()
    assert "calibration set" not in causes(get_scheme("int8-dynamic"))
    assert {"calibration set", "observer", "weight rounding", "sensitive layer", "scheme"} <= causes(INT8)
    assert "outlier channels" not in causes(W4A8)


def test_without_the_models_own_set_a_name_says_that_a_new_one_comes_along(model, calibration_of_table):
    found = attempts(INT8, {"100": calibration_of_table}, model)
    assert all(a.name.endswith(", new calibration set of 100") for a in found if a.cause == "observer")
    assert not any(a.adds_set for a in found if a.cause == SET_CAUSE)
