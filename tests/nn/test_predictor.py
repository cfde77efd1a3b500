from __future__ import annotations

import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.nn.activation import activation
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor


@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_batched_equals_single(config: PredictorConfig) -> None:
    predictor = network(config)
    graphs = featurize(DRUGS).graphs
    batched = predictor(to_tensors(graphs, config.feature_set))
    single = [predictor(to_tensors(slice_graphs(graphs, i, i + 1), config.feature_set)) for i in range(graphs.n_mols)]
    torch.testing.assert_close(batched, torch.cat(single), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_atom_order_does_not_matter(config: PredictorConfig) -> None:
    predictor = network(config)
    one_way, other_way = ("CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1OC(C)=O")
    graphs = featurize([one_way, other_way]).graphs
    logits = predictor(to_tensors(graphs, config.feature_set))
    torch.testing.assert_close(logits[0], logits[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_logits_are_the_head_of_what_is_pooled(config: PredictorConfig) -> None:
    predictor = network(config)
    graph = to_tensors(featurize(DRUGS).graphs, config.feature_set)
    with torch.no_grad():
        z = predictor.readout(predictor.encoder(graph), graph.batch, graph.n_mols)
        if config.batch_norm and config.architecture != "gine":
            z = predictor.bn(z)
        torch.testing.assert_close(predictor.pool(graph), z)
        act = activation(config.head_activation, config.head_activation_settings)
        for i, layer in enumerate(predictor.head.layers):
            assert layer.bias is not None
            z = torch.nn.functional.linear(z if i == 0 else act(z), layer.weight, layer.bias)
        torch.testing.assert_close(predictor(graph), z)


def test_a_batch_norm_follows_the_readout_of_message_passing_alone() -> None:
    assert network(VARIETY[3]).bn is not None
    assert network(VARIETY[0]).bn is None
    assert network(VARIETY[7]).bn is None  # GINE has its own, in every layer
    assert all(layer.bn is not None for layer in network(VARIETY[7]).encoder.layers)


def test_scores_are_probabilities_or_values_in_target_units() -> None:
    logits = torch.tensor([[-2.0, 0.5], [0.0, 3.0]])
    torch.testing.assert_close(network(VARIETY[0]).activate(logits), torch.sigmoid(logits))
    regressor = network(VARIETY[2])
    expected = logits * regressor.output_scale + regressor.output_mean
    torch.testing.assert_close(regressor.activate(logits), expected)
    assert not torch.equal(expected, logits)
    assert torch.equal(Predictor(VARIETY[2]).activate(logits), logits)  # untrained, it has no units yet


def test_it_knows_what_it_was_made_for() -> None:
    predictor = network(VARIETY[4])
    assert (predictor.tasks, predictor.kind, predictor.feature_set) == (("a", "b"), "classification", "RIGR")
    assert predictor.members == (predictor,)
    assert predictor.scheme == "fp32"
