from __future__ import annotations

import numpy as np
import pytest
from heard import Heard

from molq.calibset.spec import CalibrationSpec, ChosenSet
from molq.chem.recipe import PLAIN
from molq.errors import InputError, UnsupportedError
from molq.quant.layers import layer_table
from molq.quant.scheme import get_scheme
from molq.results.plain import plain
from molq.store.molqfile import save
from molq.workflows.precision.calibration import calibration_molecules
from molq.workflows.precision.quantized import quantize_loaded, with_observers


@pytest.fixture(scope="module")
def calibration():
    smiles = ["CCO", "c1ccccc1", "CC(=O)N", "FC(F)(F)c1ccncc1"]
    return calibration_molecules(ChosenSet(smiles, np.arange(4), CalibrationSpec("random", 4)), PLAIN)


def test_the_card_says_how_it_was_made_and_claims_no_metrics(model, calibration):
    made = quantize_loaded(model, get_scheme("int8").with_overrides(("head.*", "fp32")), calibration)
    assert made.card.calibration == plain(calibration.record("minmax"))
    assert made.card.metrics is None
    assert made.card.training == model.card.training
    assert made.card.provenance == {
        "quantized_from": {"name": "m", "content_hash": model.content_hash},
        "scheme": "int8",
        "overrides": ["head.*=fp32"],
    }


def test_overrides_reach_the_layers(model, calibration):
    made = quantize_loaded(model, get_scheme("int8").with_overrides(("head.*", "fp32")), calibration)
    weights = {row.name: row.weights for row in layer_table(made.network)}
    assert weights["encoder.W_h"] == "int8"
    assert weights["head.layers.0"] == weights["head.layers.1"] == "fp32"


def test_a_scheme_without_fixed_ranges_states_no_calibration(model, calibration):
    assert quantize_loaded(model, get_scheme("int8-dynamic"), calibration).card.calibration is None
    with pytest.raises(InputError, match="calibration set"):
        quantize_loaded(model, get_scheme("int8"))


def test_an_override_that_names_no_layer_is_refused_with_the_names(model, calibration):
    scheme = get_scheme("int8").with_overrides(("heads.*", "fp32"))
    with pytest.raises(InputError, match=r"'heads.\*' matches no layer; the layers are encoder.W_i_atom"):
        quantize_loaded(model, scheme, calibration)


def test_a_quantized_file_is_not_quantized_again(model, tmp_path):
    made = quantize_loaded(model, get_scheme("fp16"))
    saved = save(tmp_path / "h.molq", made.network, made.card)
    with pytest.raises(UnsupportedError, match="fp16 already"):
        quantize_loaded(saved, get_scheme("bf16"))


def test_the_last_observer_whose_pattern_matches_counts():
    scheme = with_observers(get_scheme("int8"), "mse")
    assert (scheme.observer, scheme.site_observers) == ("mse", ())
    picked = with_observers(scheme, {"encoder.W_h:*": "entropy", "*:1": "minmax"})
    assert [picked.observer_for("encoder.W_h", site) for site in (0, 1)] == ["entropy", "minmax"]
    assert picked.observer_for("encoder.W_o_msg", 0) == "mse"
    assert with_observers(picked, [("*", "auto")]).observer_for("encoder.W_h", 0) == "auto"
    with pytest.raises(InputError, match="unknown observer 'guess'"):
        with_observers(scheme, {"*": "guess"})


def test_the_layers_that_are_done_are_told(model, calibration):
    heard = Heard()
    quantize_loaded(model, get_scheme("w4a8"), calibration, heard)
    n_layers = len(layer_table(model.network))
    assert heard.steps[""] == [(i, n_layers) for i in range(1, n_layers + 1)]
