from __future__ import annotations

import numpy as np
import torch
from molecules import DRUGS
from msgspec.structs import replace
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.chem.recipe import Recipe
from molq.engine.engine import Engine
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.extras import balance_extras
from molq.quant.layers import IntLinear, layer_table
from molq.quant.scheme import SCHEMES
from molq.quant.treatment import layer_role, static_sites

RECIPE = Recipe(molecule_features=("v1_rdkit_2d",))
CONFIG = replace(VARIETY[0], recipe=RECIPE, extras=200)
GRAPHS = featurize(DRUGS, recipe=RECIPE).graphs


def trained(config=CONFIG) -> Predictor:
    """Its descriptors unscaled, its weights such that each column counts the same in the end."""
    torch.manual_seed(3)
    predictor = Predictor(config).eval()
    size = np.abs(GRAPHS.extras).max(axis=0)
    assert predictor.head.extras is not None
    with torch.no_grad():
        predictor.head.extras.weight.div_(torch.from_numpy(np.where(size > 0, size, 1)))
        predictor.head.extras.weight[:, 7] = 0
    return predictor


def test_no_bit_of_the_function_changes_and_columns_have_one_size() -> None:
    predictor = trained()
    made = balance_extras(predictor)
    assert made.head.extras is not None
    largest = made.head.extras.weight.abs().amax(0)
    assert (((largest >= 0.5) & (largest < 1)) | (largest == 0)).all()
    with torch.no_grad():
        graph = to_tensors(GRAPHS, CONFIG.feature_set)
        assert torch.equal(made(graph), predictor(graph))
    assert predictor.head.extras is not None
    assert predictor.head.extras.weight.abs().amax() > 100 * predictor.head.extras.weight.abs().amax(0).min()


def test_a_predictor_without_extras_is_itself() -> None:
    assert balance_extras(network(VARIETY[0])) is network(VARIETY[0])


def test_descriptors_of_many_magnitudes_survive_eight_and_four_bits() -> None:
    predictor = trained()
    expected = Engine(predictor).scores(GRAPHS)
    for name, tolerance in {"int8": 0.01, "int8-dynamic": 0.01, "w4a8": 0.05, "w4a16": 0.05, "fp16": 1e-3}.items():
        made = quantize(predictor, SCHEMES[name], [GRAPHS])
        assert np.abs(Engine(made).scores(GRAPHS) - expected).max() < tolerance, name


def test_inputs_of_extras_are_never_rounded() -> None:
    predictor = trained()
    made = quantize(predictor, SCHEMES["int8"], [GRAPHS])
    layer = made.members[0].head.extras
    assert isinstance(layer, IntLinear)
    assert (layer.weights, layer.activations) == ("int8", None)
    assert "head.extras" not in [name for name, _ in static_sites(predictor, SCHEMES["w4a8"])]
    rows = {row.name: row.weights for row in layer_table(quantize(predictor, SCHEMES["w4a8"], [GRAPHS]))}
    assert (rows["head.extras"], rows["head.layers.0"], rows["head.layers.1"]) == ("int4", "int4", "int8")


def test_extras_of_a_head_of_one_layer_have_the_last_word() -> None:
    predictor = trained(replace(CONFIG, head_hidden=()))
    assert layer_role(predictor, "head.extras") == "output"
    made = quantize(predictor, SCHEMES["w4a8"], [GRAPHS])
    assert made.members[0].head.extras.weights == "int8"
