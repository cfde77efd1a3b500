"""Message passing against the papers' definitions, edge by edge and atom by atom in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from molecules import DRUGS
from msgspec.structs import replace
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.nn.config import PredictorConfig
from molq.nn.graph import GraphTensors, to_tensors
from molq.nn.predictor import Predictor

GRAPH = to_tensors(featurize(DRUGS).graphs, "V2")
DMPNN = replace(VARIETY[0], depth=4)
AMPNN = replace(VARIETY[5], depth=4)


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def numbers(module: Any, key: str) -> np.ndarray:
    return module.state_dict()[key].double().numpy()


def along_bonds(encoder: Any, graph: GraphTensors, depth: int, undirected: bool) -> np.ndarray:
    """Yang et al. (2019), equations 2 to 6: an edge hears the edges into its source, but for its own reverse."""
    x, bonds = graph.x.double().numpy(), graph.bond_attr.double().numpy()
    src, dst = graph.src.numpy(), graph.dst.numpy()
    w_i = np.hstack([numbers(encoder, "W_i_atom.weight"), numbers(encoder, "W_i_bond.weight")])
    w_o = np.hstack([numbers(encoder, "W_o_atom.weight"), numbers(encoder, "W_o_msg.weight")])
    has_bias = "b_h" in encoder.state_dict()
    b_i = numbers(encoder, "W_i_atom.bias") if has_bias else 0
    b_h = numbers(encoder, "b_h") if has_bias else 0
    h0 = np.stack([w_i @ np.concatenate([x[src[e]], bonds[e // 2]]) for e in range(len(src))]) + b_i
    h = relu(h0)
    for _ in range(depth - 1):
        if undirected:
            h = np.stack([(h[e] + h[e ^ 1]) / 2 for e in range(len(src))])
        heard = [[k for k in np.flatnonzero(dst == src[e]) if k != e ^ 1] for e in range(len(src))]
        messages = np.stack([h[k].sum(0) for k in heard])
        h = relu(h0 + messages @ numbers(encoder, "W_h.weight").T + b_h)
    totals = np.stack([h[dst == v].sum(0) for v in range(len(x))])
    return relu(np.hstack([x, totals]) @ w_o.T + numbers(encoder, "W_o_atom.bias"))


def along_atoms(encoder: Any, graph: GraphTensors, depth: int, undirected: bool) -> np.ndarray:
    """As chemprop's AtomMessagePassing keeps it: a state per edge, that of its source, and [state ‖ bond] is sent."""
    x, bonds = graph.x.double().numpy(), graph.bond_attr.double().numpy()
    src, dst = graph.src.numpy(), graph.dst.numpy()
    w_h = np.hstack([numbers(encoder, "W_h.weight"), numbers(encoder, "W_h_bond.weight")])
    w_o = np.hstack([numbers(encoder, "W_o_atom.weight"), numbers(encoder, "W_o_msg.weight")])
    has_bias = "b_h" in encoder.state_dict()
    b_i = numbers(encoder, "W_i_atom.bias") if has_bias else 0
    b_h = numbers(encoder, "b_h") if has_bias else 0
    h0 = (x @ numbers(encoder, "W_i_atom.weight").T + b_i)[src]
    h = relu(h0)
    for _ in range(depth - 1):
        if undirected:
            h = np.stack([(h[e] + h[e ^ 1]) / 2 for e in range(len(src))])
        sent = np.stack([np.concatenate([h[e], bonds[e // 2]]) for e in range(len(src))])
        messages = np.stack([sent[dst == src[e]].sum(0) for e in range(len(src))])
        h = relu(h0 + messages @ w_h.T + b_h)
    totals = np.stack([h[dst == v].sum(0) for v in range(len(x))])
    return relu(np.hstack([x, totals]) @ w_o.T + numbers(encoder, "W_o_atom.bias"))


@pytest.mark.parametrize("undirected", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("config", "definition"), [(DMPNN, along_bonds), (AMPNN, along_atoms)])
def test_states_follow_the_definition(config: PredictorConfig, definition: Any, bias: bool, undirected: bool) -> None:
    encoder = network(replace(config, bias=bias, undirected=undirected)).encoder
    with torch.no_grad():
        found = encoder(GRAPH).numpy()
    np.testing.assert_allclose(found, definition(encoder, GRAPH, 4, undirected), rtol=1e-4, atol=1e-5)


def padded_along_bonds(encoder: Any, graph: GraphTensors, depth: int, degree: int) -> np.ndarray:
    """As chemprop 1 has it: lists of incoming edges filled up with edge E, featureless and its own reverse."""
    x, bonds = graph.x.double().numpy(), graph.bond_attr.double().numpy()
    src, dst, n_edges = graph.src.numpy(), graph.dst.numpy(), len(graph.src)
    incoming = [_filled(np.flatnonzero(dst == v), degree, n_edges) for v in range(len(x))]
    w_i = np.hstack([numbers(encoder, "W_i_atom.weight"), numbers(encoder, "W_i_bond.weight")])
    inputs = [np.concatenate([x[src[e]], bonds[e // 2]]) for e in range(n_edges)]
    h0 = np.stack([*inputs, np.zeros(w_i.shape[1])]) @ w_i.T + numbers(encoder, "W_i_atom.bias")
    lists = [*(incoming[v] for v in src), [n_edges] * degree]
    reverse = [*(np.arange(n_edges) ^ 1), n_edges]
    h = relu(h0)
    for _ in range(depth - 1):
        messages = np.stack([h[edges].sum(0) for edges in lists]) - h[reverse]
        h = relu(h0 + messages @ numbers(encoder, "W_h.weight").T + numbers(encoder, "b_h"))
    return _outputs(encoder, x, np.stack([h[edges].sum(0) for edges in incoming]))


def padded_along_atoms(encoder: Any, graph: GraphTensors, depth: int, degree: int) -> np.ndarray:
    """As chemprop 1 has it: lists of neighbours filled up with atom N, which has no features, on bonds without any."""
    x, bonds = graph.x.double().numpy(), graph.bond_attr.double().numpy()
    src, dst, n_atoms = graph.src.numpy(), graph.dst.numpy(), len(graph.x)
    incoming = [_filled(np.flatnonzero(dst == v), degree, len(src)) for v in range(n_atoms)]
    src, bonds = np.append(src, n_atoms), np.vstack([np.repeat(bonds, 2, 0), np.zeros(bonds.shape[1])])
    lists = [*incoming, [len(src) - 1] * degree]
    w_h = np.hstack([numbers(encoder, "W_h.weight"), numbers(encoder, "W_h_bond.weight")])
    inputs = np.vstack([x, np.zeros(x.shape[1])])
    h0 = inputs @ numbers(encoder, "W_i_atom.weight").T + numbers(encoder, "W_i_atom.bias")
    h = relu(h0)
    for _ in range(depth - 1):
        messages = np.stack([np.hstack([h[src[edges]], bonds[edges]]).sum(0) for edges in lists])
        h = relu(h0 + messages @ w_h.T + numbers(encoder, "b_h"))
    return _outputs(encoder, x, np.stack([h[src[edges]].sum(0) for edges in incoming]))


def _filled(edges: np.ndarray, degree: int, padding: int) -> list[int]:
    assert len(edges) <= degree
    return [*edges.tolist(), *[padding] * (degree - len(edges))]


def _outputs(encoder: Any, x: np.ndarray, totals: np.ndarray) -> np.ndarray:
    w_o = np.hstack([numbers(encoder, "W_o_atom.weight"), numbers(encoder, "W_o_msg.weight")])
    return relu(np.hstack([x, totals]) @ w_o.T + numbers(encoder, "W_o_atom.bias"))


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("degree", [4, 6])
@pytest.mark.parametrize(("config", "definition"), [(DMPNN, padded_along_bonds), (AMPNN, padded_along_atoms)])
def test_padded_lists_are_chemprop_1s(config: PredictorConfig, definition: Any, degree: int, depth: int) -> None:
    encoder = network(replace(config, bias=True, depth=depth, padded_degree=degree)).encoder
    with torch.no_grad():
        found = encoder(GRAPH).numpy()
    np.testing.assert_allclose(found, definition(encoder, GRAPH, depth, degree), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("config", [DMPNN, AMPNN])
def test_every_step_is_a_site_of_its_own(config: PredictorConfig) -> None:
    encoder = network(config).encoder
    seen: list[int] = []
    hook = encoder.W_h.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[1]))
    with torch.no_grad():
        encoder(GRAPH)
    hook.remove()
    assert seen == list(range(encoder.W_h.sites)) == [0, 1, 2]


@pytest.mark.parametrize("config", [DMPNN, AMPNN])
def test_a_state_hears_no_farther_than_its_depth(config: PredictorConfig) -> None:
    """The first atom of a chain does not notice a change ``depth`` + 1 bonds away."""
    chain, changed = (to_tensors(featurize([s]).graphs, "V2") for s in ("C" * 12, "C" * 11 + "F"))
    for depth in (1, 2, 3):
        encoder = network(replace(config, depth=depth)).encoder
        with torch.no_grad():
            same = (encoder(chain) == encoder(changed)).all(1).tolist()
        assert same == [True] * (11 - depth) + [False] * (depth + 1)


def test_dropout_falls_on_training_alone() -> None:
    for config in (DMPNN, AMPNN):
        encoder = type(network(config).encoder)(replace(config, dropout=0.5), 72, 14)
        with torch.no_grad():
            encoder.eval()
            assert torch.equal(encoder(GRAPH), encoder(GRAPH))
            encoder.train()
            assert not torch.equal(encoder(GRAPH), encoder(GRAPH))


@pytest.mark.parametrize(("config", "widths"), [(DMPNN, (86, 32, 104)), (AMPNN, (72, 46, 104))])
def test_split_matrices_start_as_chemprops_whole_ones(config: PredictorConfig, widths: tuple[int, int, int]) -> None:
    """W_i, W_h and W_o are uniform within one over the root of their whole width."""
    torch.manual_seed(0)
    encoder = Predictor(replace(config, bias=True)).encoder
    for letter, width in zip("iho", widths, strict=True):
        parts = [layer for name, layer in encoder.named_children() if name.startswith(f"W_{letter}")]
        assert sum(layer.in_features for layer in parts) == width
        for layer in parts:
            assert 0.97 < layer.weight.abs().max() * width**0.5 <= 1
            assert layer.bias is None or 0.8 < layer.bias.abs().max() * width**0.5 <= 1
    assert not encoder.b_h.any()
