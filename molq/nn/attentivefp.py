"""AttentiveFP: attention over neighbours, then over the atoms of the molecule, each followed by a gated unit.

The layers are PyG's AttentiveFP with its matrices written as Linear layers, so that each can be quantized; the matrix
on [atom ‖ bond] is split in its halves, which lets the atom half run once per atom.

Source: Xiong et al., J. Med. Chem. 2020, 63, 8749; torch_geometric.nn.models.AttentiveFP.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.utils import softmax

from molq.nn.config import PredictorConfig
from molq.nn.graph import GraphTensors, both_directions, sum_to
from molq.nn.linear import Linear

SLOPE = 0.01


class AttentiveFP(nn.Module):
    """Atom states [N, d_h] after ``depth`` rounds of attention over neighbours."""

    def __init__(self, config: PredictorConfig, d_v: int, d_e: int) -> None:
        super().__init__()
        d_h = config.d_h
        self.atom = Linear(d_v, d_h, True, "table")
        self.gate = GateAttention(d_h, d_e)
        self.gate_gru = GatedUnit(d_h, "message")
        self.convs = nn.ModuleList(NeighbourAttention(d_h) for _ in range(config.depth - 1))
        self.grus = nn.ModuleList(GatedUnit(d_h, "message") for _ in range(config.depth - 1))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, graph: GraphTensors) -> Tensor:
        x = F.leaky_relu(self.atom(graph.x), SLOPE)
        h = self.dropout(F.elu(self.gate(x, graph)))
        x = torch.relu(self.gate_gru(h, x))
        for conv, gru in zip(self.convs, self.grus, strict=True):
            h = self.dropout(F.elu(conv(x, graph)))
            x = torch.relu(gru(h, x))
        return x


class GateAttention(nn.Module):
    """Attention over neighbours with bond features (GATEConv), [N, d_h] in and out."""

    def __init__(self, d_h: int, d_e: int) -> None:
        super().__init__()
        self.lin_atom = Linear(d_h, d_h, False, "message", fan_in=d_h + d_e)
        self.lin_bond = Linear(d_e, d_h, False, "table", fan_in=d_h + d_e)
        self.lin_value = Linear(d_h, d_h, False, "message")
        self.att_neighbour = nn.Parameter(torch.empty(1, d_h))
        self.att_centre = nn.Parameter(torch.empty(1, d_h))
        self.bias = nn.Parameter(torch.zeros(d_h))
        nn.init.xavier_uniform_(self.att_neighbour)
        nn.init.xavier_uniform_(self.att_centre)

    def forward(self, x: Tensor, graph: GraphTensors) -> Tensor:
        src, dst, n = graph.src, graph.dst, x.shape[0]
        joined = F.leaky_relu(self.lin_atom(x)[src] + both_directions(self.lin_bond(graph.bond_attr)), SLOPE)
        logits = (joined * self.att_neighbour).sum(-1) + (x * self.att_centre).sum(-1)[dst]
        weights = softmax(F.leaky_relu(logits, SLOPE), dst, num_nodes=n)  # [2B]
        values = self.lin_value(x)[src] * weights[:, None]
        return sum_to(dst, values, n) + self.bias


class NeighbourAttention(nn.Module):
    """Single-head graph attention without self-loops (GATConv), [N, d_h] in and out."""

    def __init__(self, d_h: int) -> None:
        super().__init__()
        self.lin = Linear(d_h, d_h, False, "message")
        self.att_src = nn.Parameter(torch.empty(1, d_h))
        self.att_dst = nn.Parameter(torch.empty(1, d_h))
        self.bias = nn.Parameter(torch.zeros(d_h))
        nn.init.xavier_uniform_(self.lin.weight)
        nn.init.xavier_uniform_(self.att_src)
        nn.init.xavier_uniform_(self.att_dst)

    def forward(self, x: Tensor, graph: GraphTensors) -> Tensor:
        p = self.lin(x)
        logits = (p * self.att_src).sum(-1)[graph.src] + (p * self.att_dst).sum(-1)[graph.dst]
        weights = softmax(F.leaky_relu(logits, SLOPE), graph.dst, num_nodes=x.shape[0])
        return sum_to(graph.dst, p[graph.src] * weights[:, None], x.shape[0]) + self.bias


class SuperatomReadout(nn.Module):
    """Molecule vectors [n, d_h]: attention from a virtual atom to all atoms, refined ``n_timesteps`` times."""

    def __init__(self, config: PredictorConfig) -> None:
        super().__init__()
        d_h = config.d_h
        self.n_timesteps = config.n_timesteps
        self.lin = Linear(d_h, d_h, False, "message", sites=1 + config.n_timesteps)
        self.att_atom = nn.Parameter(torch.empty(1, d_h))
        self.att_mol = nn.Parameter(torch.empty(1, d_h))
        self.bias = nn.Parameter(torch.zeros(d_h))
        self.gru = GatedUnit(d_h, "head", sites=config.n_timesteps)
        self.dropout = nn.Dropout(config.dropout)
        for parameter in (self.lin.weight, self.att_atom, self.att_mol):
            nn.init.xavier_uniform_(parameter)

    def forward(self, h: Tensor, batch: Tensor, n_mols: int) -> Tensor:
        out = torch.relu(sum_to(batch, h, n_mols))
        p = self.lin(h)  # [N, d_h]
        atom_logits = (p * self.att_atom).sum(-1)
        for step in range(self.n_timesteps):
            logits = atom_logits + (self.lin(out, 1 + step) * self.att_mol).sum(-1)[batch]
            weights = softmax(F.leaky_relu(logits, SLOPE), batch, num_nodes=n_mols)
            context = sum_to(batch, p * weights[:, None], n_mols) + self.bias
            out = torch.relu(self.gru(self.dropout(F.elu(context)), out, step))
        return out


class GatedUnit(nn.Module):
    """Gated recurrent unit on rows [m, d_h], as torch.nn.GRUCell, its two matrices being Linear layers."""

    def __init__(self, d_h: int, role: str, sites: int = 1) -> None:
        super().__init__()
        self.input = Linear(d_h, 3 * d_h, True, role, sites=sites)
        self.hidden = Linear(d_h, 3 * d_h, True, role, sites=sites)

    def forward(self, x: Tensor, h: Tensor, site: int = 0) -> Tensor:
        x_reset, x_update, x_new = self.input(x, site).chunk(3, dim=1)
        h_reset, h_update, h_new = self.hidden(h, site).chunk(3, dim=1)
        reset = torch.sigmoid(x_reset + h_reset)
        update = torch.sigmoid(x_update + h_update)
        new = torch.tanh(x_new + reset * h_new)
        return (1 - update) * new + update * h
