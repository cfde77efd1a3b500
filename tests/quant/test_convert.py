from __future__ import annotations

import copy
from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch
from molecules import DRUGS
from torch import nn
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.chem.recipe import Recipe
from molq.engine.engine import Engine
from molq.errors import InputError, UnsupportedError
from molq.nn.config import PredictorConfig, default_config
from molq.nn.graph import to_tensors
from molq.nn.linear import Linear
from molq.nn.predictor import Predictor
from molq.quant.convert import KEEP_FLOAT, quantize
from molq.quant.layers import HalfLinear, IntLinear, layer_table, matrix_layers
from molq.quant.scheme import SCHEMES, get_scheme

QUANTIZED = sorted(set(SCHEMES) - {"fp32"})
# vectors written as 1×d matrices by the attention layers: scores, not products of rows
ATTENTION_VECTORS = {"att_neighbour", "att_centre", "att_src", "att_dst", "att_atom", "att_mol"}


@pytest.mark.parametrize("scheme", QUANTIZED)
@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_no_matrix_is_missed(config: PredictorConfig, scheme: str) -> None:
    made = quantize(Predictor(config), SCHEMES[scheme], [featurize(DRUGS).graphs])
    for name, module in made.named_modules():
        if isinstance(module, HalfLinear | IntLinear) or name in KEEP_FLOAT:
            continue
        assert not isinstance(module, nn.Linear), f"{name} was not quantized"
        for key, tensor in module.named_parameters(recurse=False):
            assert tensor.ndim < 2 or key in ATTENTION_VECTORS, f"{name}.{key} is a float matrix"


def test_stored_weights_are_the_integers() -> None:
    made = quantize(Predictor(VARIETY[0]), SCHEMES["int8"], [featurize(DRUGS).graphs])
    assert {layer.weight.dtype for layer in matrix_layers(made).values()} == {torch.int8}
    assert all(info.weights == "int8" for info in layer_table(made))


def test_4_bit_schemes_keep_tables_and_the_output_layer_in_8_bits() -> None:
    made = quantize(Predictor(VARIETY[3]), SCHEMES["w4a8"], [featurize(DRUGS).graphs])
    weights = {info.name: info.weights for info in layer_table(made)}
    assert weights["encoder.W_h"] == weights["encoder.W_o_msg"] == weights["head.layers.0"] == "int4"
    assert weights["encoder.W_i_atom"] == weights["encoder.W_o_atom"] == weights["head.layers.2"] == "int8"
    assert matrix_layers(made)["encoder.W_h"].weight.shape == (32, 16)


def test_every_call_site_has_its_own_range() -> None:
    made = quantize(Predictor(VARIETY[5]), SCHEMES["int8"], [featurize(DRUGS).graphs])
    ranges = {info.name: info.ranges for info in layer_table(made)}["encoder.W_h"]
    assert len(ranges) == VARIETY[5].depth - 1
    assert len(set(ranges)) == len(ranges)
    assert all(low == 0 < high for low, high in ranges)


@pytest.mark.parametrize("scheme", QUANTIZED)
def test_logits_stay_close(scheme: str) -> None:
    torch.manual_seed(0)
    graphs = featurize(DRUGS).graphs
    for config in VARIETY:
        predictor = Predictor(config).eval()
        made = quantize(predictor, SCHEMES[scheme], [graphs])
        with torch.no_grad():
            exact = predictor(to_tensors(graphs, config.feature_set))
            approximate = made(to_tensors(graphs, config.feature_set))
        share = {"int4": 0.6, "int3": 1.2, "int2": 2.4}.get(SCHEMES[scheme].weights, 0.15)
        assert (exact - approximate).abs().max() < share * max(exact.std().item(), 0.1)
        assert not torch.equal(exact, approximate)


def test_the_float_model_is_left_alone() -> None:
    predictor = Predictor(VARIETY[0])
    before = copy.deepcopy(predictor.state_dict())
    quantize(predictor, SCHEMES["int8"], [featurize(DRUGS).graphs])
    assert predictor.scheme == "fp32"
    assert all(torch.equal(before[k], v) for k, v in predictor.state_dict().items())


def test_overrides_keep_layers_in_float() -> None:
    scheme = get_scheme("int8").with_overrides(("head.*", "fp32"), ("encoder.W_o_msg", "int8-dynamic"))
    layers = matrix_layers(quantize(Predictor(VARIETY[0]), scheme, [featurize(DRUGS).graphs]))
    assert isinstance(layers["head.layers.0"], Linear)
    assert layers["encoder.W_o_msg"].activations == "dynamic"
    assert layers["encoder.W_h"].activations == "static"


def test_refusals() -> None:
    predictor = Predictor(VARIETY[0])
    with pytest.raises(InputError, match="calibration set"):
        quantize(predictor, SCHEMES["int8"])
    with pytest.raises(InputError, match="no molecule"):
        quantize(predictor, SCHEMES["int8"], [])
    made = quantize(predictor, SCHEMES["fp16"])
    with pytest.raises(UnsupportedError, match="fp16 already"):
        quantize(made, SCHEMES["int8-dynamic"])
    big = Predictor(default_config("dmpnn", ("t",), "classification", d_h=8))
    big.encoder.W_h.weight.data[0, 0] = 1e6
    with pytest.raises(UnsupportedError, match="do not fit fp16"):
        quantize(big, SCHEMES["fp16"])
    with pytest.raises(InputError, match="unknown scheme"):
        get_scheme("int7")


def test_the_head_follows_molecules_beyond_the_calibrated_ones() -> None:
    """A molecule far larger than any calibrated one keeps its logit, because its rows bring their own ranges."""
    torch.manual_seed(0)
    model = Predictor(default_config("dmpnn", ("a",), "regression", d_h=32)).eval()
    small = [featurize(["CCO", "CC(=O)N", "c1ccccc1O"]).graphs]
    large = to_tensors(featurize(["NCC(=O)O" + "C(O)" * 80 + "C"]).graphs, model.feature_set)
    with torch.no_grad():
        exact = model(large)
        by_row, by_set = (
            (quantize(model, scheme, small)(large) - exact).abs().item()
            for scheme in (SCHEMES["int8"], replace(SCHEMES["int8"], dynamic_roles=()))
        )
    assert by_row < 0.1 * by_set


def test_nothing_is_fitted_without_integers() -> None:
    half = SCHEMES["fp16"]
    for scheme in (half.with_options(rounding="gptq"), half.with_options(bias_correction=True)):
        with pytest.raises(InputError, match="no integer weights"):
            quantize(Predictor(VARIETY[0]), scheme, [featurize(DRUGS).graphs])


def test_descriptors_of_many_magnitudes_cost_next_to_nothing() -> None:
    """Rounded to 8 bits with one range, the bits that a molecule has would drown those that it has not."""
    recipe = Recipe(molecule_features=("morgan_count", "v1_rdkit_2d_normalized"))
    exact = network(msgspec.structs.replace(VARIETY[0], recipe=recipe, extras=2248))
    graphs = featurize(DRUGS, recipe=recipe).graphs
    expected = Engine(exact).scores(graphs)
    for scheme, most in {"int8": 0.02, "int8-dynamic": 0.02, "w4a8": 0.1, "fp16": 1e-3}.items():
        made = quantize(exact, SCHEMES[scheme], [graphs])
        layer = made.members[0].head.extras
        assert layer.activations is None
        assert np.abs(Engine(made).scores(graphs) - expected).max() < most * expected.std(), scheme
