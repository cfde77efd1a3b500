"""Message passing along directed bonds (D-MPNN) and along atoms, as chemprop defines them.

The hidden matrix is applied before the messages are summed: W·(Σ h_k − h_rev) = Σ P_k − P_rev with P = W·h. It is the
same number, and the input of the matrix is the bounded state of one edge instead of a sum that grows with the degree.

Source: Yang et al., J. Chem. Inf. Model. 2019, 59, 3370; Heid et al., J. Chem. Inf. Model. 2024, 64, 9.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from molq.nn.config import PredictorConfig
from molq.nn.graph import GraphTensors, both_directions, reverse, sum_to
from molq.nn.linear import Linear, activation


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
        self.W_o_atom = Linear(d_v, d_h, True, "table", fan_in=d_v + d_h)
        self.W_o_msg = Linear(d_h, d_h, False, "message", fan_in=d_v + d_h)
        self.act = activation(config.activation)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, graph: GraphTensors) -> Tensor:
        n_atoms = len(graph.x)
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
            h = self.dropout(self.act(h0 + message))
        total = sum_to(graph.dst, h, n_atoms)  # [N, d_h]
        return self.dropout(self.act(self.W_o_atom(graph.x) + self.W_o_msg(total)))


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
        self.W_o_atom = Linear(d_v, d_h, True, "table", fan_in=d_v + d_h)
        self.W_o_msg = Linear(d_h, d_h, False, "message", fan_in=d_v + d_h)
        self.act = activation(config.activation)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, graph: GraphTensors) -> Tensor:
        n_atoms = len(graph.x)
        h0 = self.W_i_atom(graph.x)  # [N, d_h]
        h = self.act(h0)
        if self.activated_residual:
            h0 = h
        bonds = sum_to(graph.dst, both_directions(self.W_h_bond(graph.bond_attr)), n_atoms)  # [N, d_h]
        degree = torch.bincount(graph.dst, minlength=n_atoms).to(h.dtype)[:, None]
        for step in range(self.depth - 1):
            p = self.W_h(h, step)
            message = sum_to(graph.dst, p[graph.src], n_atoms)
            if self.undirected:
                message = (message + degree * p) / 2
            if self.b_h is not None:
                message = message + self.b_h
            h = self.dropout(self.act(h0 + message + bonds))
        total = sum_to(graph.dst, h[graph.src], n_atoms)
        return self.dropout(self.act(self.W_o_atom(graph.x) + self.W_o_msg(total)))
