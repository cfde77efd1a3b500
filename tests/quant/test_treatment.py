from __future__ import annotations

import pytest
from msgspec.structs import replace
from variety import VARIETY, named, network

from molq.chem.recipe import Recipe
from molq.nn.config import PredictorConfig
from molq.nn.linear import ROLES
from molq.quant.layers import matrix_layers
from molq.quant.scheme import SCHEMES
from molq.quant.treatment import KEEP_FLOAT, layer_role, static_sites, treatments


@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_every_matrix_is_treated_in_the_order_of_the_network(config: PredictorConfig) -> None:
    predictor = network(config)
    expected = [name for name in matrix_layers(predictor) if name not in KEEP_FLOAT]
    assert list(treatments(predictor, SCHEMES["w4a8"])) == expected


@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_the_last_layer_of_the_head_is_the_output(config: PredictorConfig) -> None:
    predictor = network(config)
    roles = {name: layer_role(predictor, name) for name in matrix_layers(predictor)}
    assert [name for name, role in roles.items() if role == "output"] == [
        f"head.layers.{len(predictor.head.layers) - 1}"
    ]
    assert set(roles.values()) <= {*ROLES, "output"}
    assert all(role == predictor.get_submodule(name).role for name, role in roles.items() if role != "output")


def test_the_logit_of_attention_stays_in_float() -> None:
    predictor = network(VARIETY[3])
    assert "readout.W" in matrix_layers(predictor)
    assert "readout.W" not in treatments(predictor, SCHEMES["w4a8"])


def test_the_sites_of_fixed_ranges_are_those_of_messages() -> None:
    assert static_sites(network(VARIETY[5]), SCHEMES["int8"]) == [
        ("encoder.W_h", 0), ("encoder.W_h", 1), ("encoder.W_h", 2), ("encoder.W_o_msg", 0),
    ]  # fmt: skip
    assert static_sites(network(VARIETY[5]), SCHEMES["int8-dynamic"]) == []
    spared = SCHEMES["int8"].with_overrides(("encoder.W_h", "int8-dynamic"))
    assert static_sites(network(VARIETY[5]), spared) == [("encoder.W_o_msg", 0)]


def test_extras_keep_eight_bits_and_their_inputs_are_never_rounded() -> None:
    recipe = Recipe(molecule_features=("charge",))
    predictor = network(replace(VARIETY[3], recipe=recipe, extras=1))
    for scheme in ("int8", "int8-dynamic", "w4a8", "w2a8"):
        assert treatments(predictor, SCHEMES[scheme])["head.extras"].weights == "int8"
        assert "head.extras" not in [name for name, _ in static_sites(predictor, SCHEMES[scheme])]
    order = list(treatments(predictor, SCHEMES["int8"]))
    assert order.index("head.extras") < order.index("head.layers.0")


def test_an_override_treats_the_layers_it_names() -> None:
    scheme = SCHEMES["w4a8"].with_overrides(("encoder.*_atom", "fp16"))
    made = treatments(network(VARIETY[0]), scheme)
    assert {name for name, treatment in made.items() if treatment.weights == "fp16"} == {
        "encoder.W_i_atom",
        "encoder.W_o_atom",
    }
