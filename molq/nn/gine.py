"""GINE: graph isomorphism network with bond features.

h_v ← MLP((1 + ε)·h_v + Σ_u ReLU(h_u + W_e·e_uv)), the MLP being Linear, batch norm, ReLU, Linear.

Source: Hu et al., Strategies for Pre-training Graph Neural Networks, ICLR 2020; PyG's GINEConv.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from molq.nn.activation import activation
from molq.nn.config import PredictorConfig
from molq.nn.graph import GraphTensors, both_directions, sum_to
from molq.nn.linear import Linear


class GINELayer(nn.Module):
    """One GINE convolution, atom states [N, d_h] in and out, before the activation."""

    def __init__(self, config: PredictorConfig, d_e: int) -> None:
        super().__init__()
        d_h = config.d_h
        self.message_act = nn.ReLU()
        self.eps = nn.Parameter(torch.zeros(1))
        self.bond = Linear(d_e, d_h, True, "table")
        self.mlp_in = Linear(d_h, d_h, True, "message")
        self.bn = nn.BatchNorm1d(d_h) if config.batch_norm else None
        self.mlp_out = Linear(d_h, d_h, True, "message")
        self.act = activation(config.activation, config.activation_settings)

    def forward(self, h: Tensor, graph: GraphTensors) -> Tensor:
        messages = self.message_act(h[graph.src] + both_directions(self.bond(graph.bond_attr)))  # [2B, d_h]
        z = (1 + self.eps) * h + sum_to(graph.dst, messages, h.shape[0])
        z = self.mlp_in(z)
        if self.bn is not None:
            z = self.bn(z)
        return self.mlp_out(self.act(z))


class GINE(nn.Module):
    """Atom states [N, d_h] from ``depth`` GINE layers."""

    def __init__(self, config: PredictorConfig, d_v: int, d_e: int) -> None:
        super().__init__()
        self.atom = Linear(d_v, config.d_h, True, "table")
        self.layers = nn.ModuleList(GINELayer(config, d_e) for _ in range(config.depth))
        self.act = activation(config.activation, config.activation_settings)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, graph: GraphTensors) -> Tensor:
        h = self.act(self.atom(graph.x))
        for layer in self.layers:
            h = self.dropout(self.act(layer(h, graph)))
        return h
