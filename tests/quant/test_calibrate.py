"""What is shown to observers is what flows into the layers, and the network is left as it was."""

from __future__ import annotations

import copy
from collections import defaultdict

import pytest
import torch
from molecules import DRUGS
from torch import Tensor
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.errors import UnsupportedError
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site, observe, tensors, watching
from molq.quant.layers import matrix_layers
from molq.quant.observers import MinMax

GRAPHS = featurize(DRUGS).graphs
BATCHES = [slice_graphs(GRAPHS, 0, 5), slice_graphs(GRAPHS, 5, 12)]


def recorded(predictor: Predictor) -> dict[Site, list[Tensor]]:
    """Inputs of every matrix layer by call site, taken by hand."""
    seen: dict[Site, list[Tensor]] = defaultdict(list)
    predictor = copy.deepcopy(predictor)
    for name, layer in matrix_layers(predictor).items():
        real = layer.forward

        def forward(x: Tensor, site: int = 0, name: str = name, real: object = real) -> Tensor:
            seen[name, site].append(x)
            return real(x, site)

        layer.forward = forward
    with torch.no_grad():
        for batch in BATCHES:
            predictor(to_tensors(batch, predictor.feature_set))
    return seen


@pytest.mark.parametrize("config", [VARIETY[5], VARIETY[3], VARIETY[8], VARIETY[9]], ids=named)
def test_every_site_sees_its_inputs_once(config: PredictorConfig) -> None:
    predictor = network(config)
    expected = recorded(predictor)
    seen: dict[Site, list[Tensor]] = defaultdict(list)
    with watching(predictor, matrix_layers(predictor), lambda site, x: seen[site].append(x)):
        for graph in tensors(predictor, BATCHES):
            predictor(graph)
    assert set(seen) == set(expected)
    assert {name for name, _ in seen} == set(matrix_layers(predictor))
    for site, inputs in expected.items():
        assert len(seen[site]) == len(inputs)
        assert all(torch.equal(a, b) for a, b in zip(seen[site], inputs, strict=True))


def test_observers_are_shown_their_sites_alone() -> None:
    predictor = network(VARIETY[5])
    sites = [("encoder.W_h", 0), ("encoder.W_h", 2), ("head.layers.0", 0)]
    observers = observe(predictor, BATCHES, {site: MinMax() for site in sites})
    inputs = recorded(predictor)
    for site in sites:
        values = torch.cat([x.flatten() for x in inputs[site]])
        assert observers[site].range() == (values.min().item(), values.max().item())


def test_the_network_is_left_as_it_was_whatever_happens() -> None:
    predictor = copy.deepcopy(network(VARIETY[3])).train()
    before = copy.deepcopy(predictor.state_dict())
    with watching(predictor, ["encoder.W_h"], lambda site, x: None):
        assert not predictor.training
        assert not torch.is_grad_enabled()
        predictor(to_tensors(GRAPHS, "V2"))
    with pytest.raises(KeyError), watching(predictor, ["encoder.W_h"], lambda site, x: {}[site]):
        predictor(to_tensors(GRAPHS, "V2"))
    assert predictor.training
    assert torch.is_grad_enabled()
    assert not predictor.encoder.W_h._forward_pre_hooks
    assert all(torch.equal(before[name], value) for name, value in predictor.state_dict().items())


def test_graphs_are_read_with_the_features_of_the_predictor() -> None:
    graph, _ = tensors(network(VARIETY[4]), BATCHES)
    assert graph.x.shape[1] == 52  # RIGR
    assert graph.n_mols == 5


def test_what_overflows_cannot_be_observed() -> None:
    made = copy.deepcopy(network(VARIETY[0]).members[0])
    with torch.no_grad():
        made.head.layers[0].bias.fill_(float("inf"))
    name = next(reversed(matrix_layers(made)))
    with pytest.raises(UnsupportedError, match="overflows on the calibration set"):
        observe(made, BATCHES, {(name, 0): MinMax()})
