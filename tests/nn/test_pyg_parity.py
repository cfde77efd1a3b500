"""GINE and AttentiveFP equal PyG's own layers with the same weights."""

from __future__ import annotations

import torch
from molecules import DRUGS
from torch import Tensor, nn
from torch_geometric.nn import GINEConv
from torch_geometric.nn.models import AttentiveFP as PyGAttentiveFP

from molq.chem.featurize import featurize
from molq.nn.config import default_config
from molq.nn.graph import GraphTensors, to_tensors
from molq.nn.predictor import Predictor


def graph() -> GraphTensors:
    return to_tensors(featurize(DRUGS).graphs, "V2")


def edges(tensors: GraphTensors) -> tuple[Tensor, Tensor]:
    return torch.stack([tensors.src, tensors.dst]), tensors.bond_attr.repeat_interleave(2, dim=0)


def test_gine_layer_equals_pyg() -> None:
    torch.manual_seed(0)
    tensors = graph()
    predictor = Predictor(default_config("gine", ("t",), "classification", d_h=16, depth=2)).eval()
    layer = predictor.encoder.layers[1]
    layer.eps.data.fill_(0.3)
    mlp = nn.Sequential(nn.Linear(16, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16)).eval()
    conv = GINEConv(mlp, eps=0.3, edge_dim=tensors.bond_attr.shape[1]).eval()
    mlp[0].load_state_dict(layer.mlp_in.state_dict())
    mlp[1].load_state_dict(layer.bn.state_dict())
    mlp[3].load_state_dict(layer.mlp_out.state_dict())
    conv.lin.load_state_dict(layer.bond.state_dict())
    h = torch.randn(len(tensors.x), 16)
    edge_index, edge_attr = edges(tensors)
    torch.testing.assert_close(layer(h, tensors), conv(h, edge_index, edge_attr))


def test_attentivefp_equals_pyg() -> None:
    torch.manual_seed(0)
    tensors = graph()
    ours = Predictor(default_config("attentivefp", ("a", "b"), "regression", d_h=24, depth=3, n_timesteps=3)).eval()
    theirs = PyGAttentiveFP(tensors.x.shape[1], 24, 2, tensors.bond_attr.shape[1], num_layers=3, num_timesteps=3).eval()
    encoder, readout = ours.encoder, ours.readout
    with torch.no_grad():
        theirs.lin1.load_state_dict(encoder.atom.state_dict())
        gate = theirs.gate_conv
        gate.lin1.weight.copy_(torch.cat([encoder.gate.lin_atom.weight, encoder.gate.lin_bond.weight], dim=1))
        gate.lin2.weight.copy_(encoder.gate.lin_value.weight)
        gate.att_l.copy_(encoder.gate.att_neighbour)
        gate.att_r.copy_(encoder.gate.att_centre)
        gate.bias.copy_(encoder.gate.bias.normal_())
        copy_gru(encoder.gate_gru, theirs.gru)
        for conv, gru, pyg_conv, pyg_gru in zip(
            encoder.convs, encoder.grus, theirs.atom_convs, theirs.atom_grus, strict=True
        ):
            copy_attention(conv.lin, conv.att_src, conv.att_dst, conv.bias, pyg_conv)
            copy_gru(gru, pyg_gru)
        copy_attention(readout.lin, readout.att_atom, readout.att_mol, readout.bias, theirs.mol_conv)
        copy_gru(readout.gru, theirs.mol_gru)
        theirs.lin2.load_state_dict(ours.head.layers[0].state_dict())
        edge_index, edge_attr = edges(tensors)
        expected = theirs(tensors.x, edge_index, edge_attr, tensors.batch)
        torch.testing.assert_close(ours(tensors), expected, rtol=1e-4, atol=1e-5)


def copy_gru(unit: nn.Module, cell: nn.GRUCell) -> None:
    cell.weight_ih.copy_(unit.input.weight)
    cell.bias_ih.copy_(unit.input.bias)
    cell.weight_hh.copy_(unit.hidden.weight)
    cell.bias_hh.copy_(unit.hidden.bias)


def copy_attention(lin: nn.Module, source: Tensor, target: Tensor, bias: Tensor, conv: nn.Module) -> None:
    conv.lin.weight.copy_(lin.weight)
    conv.att_src.copy_(source[None])
    conv.att_dst.copy_(target[None])
    conv.bias.copy_(bias.normal_())
