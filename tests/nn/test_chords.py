"""What inputs add to the states of encoders: all of them together make the states, under every activation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from msgspec.structs import replace
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.nn.activation import ACTIVATIONS
from molq.nn.chords import input_parts, with_chords
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors

GRAPHS = featurize(DRUGS).graphs
SUMS = [config for config in VARIETY if config.architecture != "attentivefp"]


def parts_and_sums(config: PredictorConfig) -> tuple[np.ndarray, np.ndarray]:
    """Of each molecule, all its parts and Σ slopes · states."""
    made = network(config)
    graph = to_tensors(GRAPHS, config.feature_set)
    with torch.no_grad():
        states = made.encoder(graph)
    slopes = torch.from_numpy(np.random.default_rng(0).normal(size=states.shape).astype(np.float32))
    parts = input_parts(with_chords(made.encoder), graph, slopes)
    sums = (states * slopes).sum(1)
    return tuple(torch.zeros(graph.n_mols).index_add(0, graph.batch, rows).numpy() for rows in (parts, sums))


@pytest.mark.parametrize("config", SUMS, ids=named)
def test_parts_make_up_the_states_of_every_molecule(config: PredictorConfig) -> None:
    parts, sums = parts_and_sums(config)
    np.testing.assert_allclose(parts, sums, rtol=1e-4, atol=1e-4 * np.abs(sums).max())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_under_every_activation(name: str) -> None:
    parts, sums = parts_and_sums(replace(VARIETY[0], activation=name))
    np.testing.assert_allclose(parts, sums, rtol=1e-3, atol=1e-3 * np.abs(sums).max())


def test_without_biases_and_with_relu_they_are_gradient_times_input() -> None:
    made = network(VARIETY[0])
    with torch.no_grad():
        made = type(made)(made.config).eval()
        made.encoder.W_o_atom.bias.zero_()
    graph = to_tensors(GRAPHS, made.feature_set)
    x, bonds = graph.x.clone().requires_grad_(), graph.bond_attr.clone().requires_grad_()
    made.encoder(graph._replace(x=x, bond_attr=bonds)).sum().backward()
    expected = (x * x.grad).sum(1).detach()
    halves = (bonds * bonds.grad).sum(1).detach() / 2
    for ends in (graph.src[::2], graph.dst[::2]):
        expected = expected.index_add(0, ends, halves)
    parts = input_parts(with_chords(made.encoder), graph, torch.ones(len(x), made.config.d_h))
    np.testing.assert_allclose(parts, expected, rtol=1e-3, atol=1e-4)


def test_the_encoder_itself_stays_as_it_is() -> None:
    made = network(VARIETY[0])
    before = [parameter.requires_grad for parameter in made.encoder.parameters()]
    with_chords(made.encoder)
    assert [parameter.requires_grad for parameter in made.encoder.parameters()] == before
    assert isinstance(made.encoder.act, torch.nn.ReLU)
