"""Message passing along directed bonds (D-MPNN) and along atoms, as chemprop defines them.

The hidden matrix is applied before the messages are summed: W·(Σ h_k − h_rev) = Σ P_k − P_rev with P = W·h. It is the
same number, and the input of the matrix is the bounded state of one edge instead of a sum that grows with the degree.

Source: Yang et al., J. Chem. Inf. Model. 2019, 59, 3370; Heid et al., J. Chem. Inf. Model. 2024, 64, 9.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from molq.nn.activation import activation
from molq.nn.config import PredictorConfig
from molq.nn.graph import GraphTensors, both_directions, count_to, reverse, sum_to
from molq.nn.linear import Linear


class DMPNN(nn.Module):
    """Atom states [N, d_h] from messages along directed bonds."""

    def __init__(self, config: PredictorConfig, d_v: int, d_e: int) -> None:
        super().__init__()
        d_h, bias = config.d_h, config.bias
        self.depth, self.undirected = config.depth, config.undirected
        self.activated_residual = bool(config.activated_residual)
        self.W_i_atom = Linear(d_v, d_h, bias, "table", fan_in=d_v + d_e)
        self.W_i_bond = Linear(d_e, d_h, False, "table", fan_in=d_v + d_e)
        self.W_h = Linear(d_h, d_h, False, "message", sites=config.depth - 1)
        self.b_h = nn.Parameter(torch.zeros(d_h)) if bias else None
        self.padding = Padding(config.padded_degree, config.depth, d_h) if config.padded_degree else None
        self.W_o_atom = Linear(d_v, d_h, True, "table", fan_in=d_v + d_h)
        self.W_o_msg = Linear(d_h, d_h, False, "message", fan_in=d_v + d_h)
        self.act = activation(config.activation, config.activation_settings)
        self.dropout = nn.Dropout(config.dropout)

    @staticmethod
    def n_heard(degree: int) -> int:
        """How many messages an edge hears whose source has that many neighbours: that of its reverse is left out."""
        return degree - 1

    def forward(self, graph: GraphTensors) -> Tensor:
        n_atoms = graph.x.shape[0]
        h0 = self.W_i_atom(graph.x)[graph.src] + both_directions(self.W_i_bond(graph.bond_attr))  # [2B, d_h]
        h = self.act(h0)
        if self.activated_residual:
            h0 = h
        for step in range(self.depth - 1):
            if self.undirected:
                h = (h + reverse(h)) / 2
            p = self.W_h(h, step)
            message = sum_to(graph.dst, p, n_atoms)[graph.src] - reverse(p)
            if self.b_h is not None:
                message = message + self.b_h
            if self.padding is not None:
                message = message + self.padding.messages(graph, step)[graph.src]
            h = self.dropout(self.act(h0 + message))
        out = self.W_o_atom(graph.x) + self.W_o_msg(sum_to(graph.dst, h, n_atoms))  # [N, d_h]
        if self.padding is not None:
            out = out + self.padding.outputs(graph)
        return self.dropout(self.act(out))


class AMPNN(nn.Module):
    """Atom states [N, d_h] from messages along atoms.

    chemprop keeps one state per directed edge here; all edges that leave an atom hold the same one, so it is kept once.
    """

    def __init__(self, config: PredictorConfig, d_v: int, d_e: int) -> None:
        super().__init__()
        d_h, bias = config.d_h, config.bias
        self.depth, self.undirected = config.depth, config.undirected
        self.activated_residual = bool(config.activated_residual)
        self.W_i_atom = Linear(d_v, d_h, bias, "table")
        self.W_h = Linear(d_h, d_h, False, "message", sites=config.depth - 1, fan_in=d_h + d_e)
        self.W_h_bond = Linear(d_e, d_h, False, "table", fan_in=d_h + d_e)
        self.b_h = nn.Parameter(torch.zeros(d_h)) if bias else None
        self.padding = Padding(config.padded_degree, config.depth, d_h) if config.padded_degree else None
        self.W_o_atom = Linear(d_v, d_h, True, "table", fan_in=d_v + d_h)
        self.W_o_msg = Linear(d_h, d_h, False, "message", fan_in=d_v + d_h)
        self.act = activation(config.activation, config.activation_settings)
        self.dropout = nn.Dropout(config.dropout)

    @staticmethod
    def n_heard(degree: int) -> int:
        """How many messages an atom with that many neighbours hears."""
        return degree

    def forward(self, graph: GraphTensors) -> Tensor:
        n_atoms = graph.x.shape[0]
        h0 = self.W_i_atom(graph.x)  # [N, d_h]
        h = self.act(h0)
        if self.activated_residual:
            h0 = h
        bonds = sum_to(graph.dst, both_directions(self.W_h_bond(graph.bond_attr)), n_atoms)  # [N, d_h]
        degree = count_to(graph.dst, n_atoms, h.dtype)
        for step in range(self.depth - 1):
            p = self.W_h(h, step)
            message = sum_to(graph.dst, p[graph.src], n_atoms)
            if self.undirected:
                message = (message + degree * p) / 2
            if self.b_h is not None:
                message = message + self.b_h
            if self.padding is not None:
                message = message + self.padding.messages(graph, step)
            h = self.dropout(self.act(h0 + message + bonds))
        out = self.W_o_atom(graph.x) + self.W_o_msg(sum_to(graph.dst, h[graph.src], n_atoms))
        if self.padding is not None:
            out = out + self.padding.outputs(graph)
        return self.dropout(self.act(out))


class Padding(nn.Module):
    """What the edges add that fill every atom's list of neighbours up to ``degree``; see ``set_padding``."""

    b_h: Tensor
    b_o: Tensor

    def __init__(self, degree: int, depth: int, d_h: int) -> None:
        super().__init__()
        self.degree = degree
        self.register_buffer("b_h", torch.zeros(depth - 1, d_h))
        self.register_buffer("b_o", torch.zeros(d_h))

    def messages(self, graph: GraphTensors, step: int) -> Tensor:
        """[N, d_h] that an atom adds to what it sends on in an update."""
        return self._missing(graph) * self.b_h[step]

    def outputs(self, graph: GraphTensors) -> Tensor:
        """[N, d_h] that an atom adds to its state before the activation."""
        return self._missing(graph) * self.b_o

    def _missing(self, graph: GraphTensors) -> Tensor:
        """[N, 1]: how many edges each atom's list is short of; below 0 for an atom with more neighbours."""
        return self.degree - count_to(graph.dst, graph.x.shape[0], self.b_o.dtype)


@torch.no_grad()
def set_padding(encoder: DMPNN | AMPNN) -> None:
    """Computes the terms of the padding from the encoder's other weights.

    A padding edge has no features and is its own reverse, so that its state p is τ(b_i) at first, and after an update
    τ(b_i + b_h + k·W_h·p), where k counts the padding edges that lead to it.
    """
    padding, b_i, b_h = encoder.padding, encoder.W_i_atom.bias, encoder.b_h
    assert padding is not None
    assert b_h is not None
    k = encoder.n_heard(padding.degree)
    p = encoder.act(b_i)
    residual = p if encoder.activated_residual else b_i
    for step in range(encoder.depth - 1):
        padding.b_h[step] = p @ encoder.W_h.weight.T
        p = encoder.act(residual + k * padding.b_h[step] + b_h)
    padding.b_o.copy_(p @ encoder.W_o_msg.weight.T)
