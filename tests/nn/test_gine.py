"""A GINE layer against PyG's with the same weights."""

from __future__ import annotations

import torch
from molecules import DRUGS
from torch import nn
from torch_geometric.nn import GINEConv
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.nn.config import default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor

GRAPH = to_tensors(featurize(DRUGS).graphs, "V2")


def test_gine_layer_equals_pyg() -> None:
    torch.manual_seed(0)
    predictor = Predictor(default_config("gine", ("t",), "classification", d_h=16, depth=2)).eval()
    layer = predictor.encoder.layers[1]
    assert layer.eps == 0  # as it starts
    layer.eps.data.fill_(0.3)
    mlp = nn.Sequential(nn.Linear(16, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16)).eval()
    conv = GINEConv(mlp, eps=0.3, edge_dim=GRAPH.bond_attr.shape[1]).eval()
    mlp[0].load_state_dict(layer.mlp_in.state_dict())
    mlp[1].load_state_dict(layer.bn.state_dict())
    mlp[3].load_state_dict(layer.mlp_out.state_dict())
    conv.lin.load_state_dict(layer.bond.state_dict())
    h = torch.randn(len(GRAPH.x), 16)
    edge_index, edge_attr = torch.stack([GRAPH.src, GRAPH.dst]), GRAPH.bond_attr.repeat_interleave(2, dim=0)
    torch.testing.assert_close(layer(h, GRAPH), conv(h, edge_index, edge_attr))


def test_the_network_is_its_layers_one_after_the_other() -> None:
    encoder = network(VARIETY[8]).encoder
    with torch.no_grad():
        h = nn.functional.elu(encoder.atom(GRAPH.x))
        for layer in encoder.layers:
            h = nn.functional.elu(layer(h, GRAPH))
        torch.testing.assert_close(encoder(GRAPH), h)
