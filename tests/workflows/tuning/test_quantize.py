from __future__ import annotations

import pytest
from faults import given
from heard import Heard

from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.errors import InputError, UnsupportedError
from molq.quant.layers import layer_table
from molq.store.molqfile import save
from molq.workflows.tuning.fine_tune import tuning_of
from molq.workflows.tuning.quantize import quantize


@pytest.fixture(scope="module")
def calibset(calibration_of_table):
    return calibration_of_table.calibset


def test_options_reach_the_layers_and_the_card(model, calibset):
    found = quantize(
        model,
        "w4a8",
        calibset,
        observer={"*": "auto", "encoder.W_h:*": "entropy"},
        override={"head.*": "fp16"},
        rounding="nearest",
        equalize=False,
    )
    provenance, card = found.made.card.provenance, found.made.card
    assert card.calibration["observer"] == "auto"
    assert provenance["site_observers"] == ["encoder.W_h:*=entropy"]
    assert provenance["overrides"] == ["head.*=fp16"]
    assert (provenance["bias_correction"], "equalize" in provenance, "rounding" in provenance) == (True, False, False)
    weights = {row.name: row.weights for row in layer_table(found.made.network)}
    assert (weights["encoder.W_h"], weights["head.layers.0"]) == ("int4", "fp16")
    assert (found.search, found.tuning, found.notes) == (None, None, ())


def test_a_mix_within_a_size_is_executed_on_validation_molecules(folder, model, calibset, tmp_path):
    heard, most = Heard(), model.size_bytes * 3 // 5
    found = quantize(model, "mixed", calibset, data=str(folder / "table.csv"), max_size=most, progress=heard)
    saved = save(tmp_path / "m.molq", found.made.network, found.made.card)
    assert saved.size_bytes == found.search.chosen.size_bytes <= most
    assert (found.probe.side, found.probe.molecules) == ("valid", 32)
    assert heard.stages == ["molecules", "layers", "mixes", "search", "quantize"]


def test_integers_learn_after_rounding(folder, model, calibset):
    heard = Heard()
    found = quantize(model, "w2a8", calibset, data=str(folder / "table.csv"), qat_epochs=2, qat_lr=1e-3, progress=heard)
    assert found.tuning == tuning_of(found.made.card)
    assert (found.tuning.epochs, found.tuning.learning_rate, found.tuning.n_train) == (2, 1e-3, 96)
    assert heard.stages == ["quantize", "molecules", "quantization-aware training"]
    assert all(steps[-1][0] == steps[-1][1] for steps in heard.steps.values())


def test_what_has_no_effect_is_noted(model, calibset):
    notes = quantize(model, "int8-dynamic", calibset, observer="mse").notes
    assert notes == (
        "int8-dynamic needs no calibration set: `calibset` is not used",
        "int8-dynamic fixes no ranges: `observer` is not used",
    )


def test_molecules_that_cannot_be_read_are_told(model):
    found = quantize(model, calibset=given(["CCO", "C((", "c1ccccc1O"]).calibset)
    assert [refused.smiles for refused in found.calibration.rejected] == ["C(("]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scheme": "int7"}, "unknown scheme 'int7'"),
        ({"observer": "guess"}, "unknown observer 'guess'"),
        ({"override": {"tail.*": "fp32"}}, "'tail.*' matches no layer"),
        ({"override": {"head.*": "int7"}}, "unknown scheme 'int7'"),
        ({"calibset": None}, "name it with `calibset`"),
        ({"max_size": 1000}, "`max_size` and `max_drop` belong to `scheme=mixed`"),
        ({"qat_epochs": 1}, "`data` and `qat_epochs` go together"),
        ({"data": "bace"}, "`data` and `qat_epochs` go together"),
        ({"data": "bace", "qat_epochs": 0}, "`qat_epochs` is 0; it must lie between"),
        ({"scheme": "mixed"}, "one budget: `max_size` or `max_drop`"),
        ({"scheme": "mixed", "max_size": 1, "max_drop": 0.1}, "one budget"),
        ({"scheme": "mixed", "max_size": 1000}, "needs `calibset`, and `data`"),
        ({"scheme": "mixed", "max_size": 1000, "override": {"head.*": "fp32"}}, "leave `override` out"),
    ],
)
def test_what_does_not_go_together_is_refused(model, calibset, parameters, message):
    with pytest.raises(InputError) as failure:
        quantize(model, **{"calibset": calibset, **parameters})
    assert message in str(failure.value)


def test_a_quantized_model_is_refused(model, tmp_path):
    made = quantize(model, "fp16").made
    with pytest.raises(UnsupportedError, match="fp16 already"):
        quantize(save(tmp_path / "h.molq", made.network, made.card), "bf16")


@pytest.mark.parametrize("scheme", ["w4a8", "w2a8"])
def test_copies_of_one_molecule_are_a_calibration_set_and_it_is_said(model, scheme):
    found = quantize(model, scheme, given(["CCO"] * 50).calibset)
    assert found.notes == ("the calibration set is one molecule, 50 times: ranges and weights are fitted to it alone",)
    floats = Engine(model.network).scores(featurize(["CCO"]).graphs)
    assert Engine(found.made.network).scores(featurize(["CCO"]).graphs) == pytest.approx(floats, abs=0.02)
