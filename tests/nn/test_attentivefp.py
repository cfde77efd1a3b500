"""AttentiveFP against PyG's with the same weights, its parts against torch's own."""

from __future__ import annotations

import torch
from molecules import DRUGS
from torch import Tensor, nn
from torch_geometric.nn.models import AttentiveFP as PyGAttentiveFP
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.nn.attentivefp import GatedUnit, NeighbourAttention
from molq.nn.config import default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor

GRAPH = to_tensors(featurize(DRUGS).graphs, "V2")


def test_attentivefp_equals_pyg() -> None:
    torch.manual_seed(0)
    ours = Predictor(default_config("attentivefp", ("a", "b"), "regression", d_h=24, depth=3, n_timesteps=3)).eval()
    theirs = PyGAttentiveFP(GRAPH.x.shape[1], 24, 2, GRAPH.bond_attr.shape[1], num_layers=3, num_timesteps=3).eval()
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
        edge_index, edge_attr = torch.stack([GRAPH.src, GRAPH.dst]), GRAPH.bond_attr.repeat_interleave(2, dim=0)
        expected = theirs(GRAPH.x, edge_index, edge_attr, GRAPH.batch)
        torch.testing.assert_close(ours(GRAPH), expected, rtol=1e-4, atol=1e-5)


def copy_gru(unit: nn.Module, cell: nn.GRUCell) -> None:
    cell.weight_ih.copy_(unit.input.weight)
    cell.bias_ih.copy_(unit.input.bias)
    cell.weight_hh.copy_(unit.hidden.weight)
    cell.bias_hh.copy_(unit.hidden.bias)


def copy_attention(lin: nn.Module, source: Tensor, target: Tensor, bias: Tensor, conv: nn.Module) -> None:
    source.mul_(10)  # logits of both signs, far apart, so that every part of them is felt
    target.mul_(10)
    conv.lin.weight.copy_(lin.weight)
    conv.att_src.copy_(source[None])
    conv.att_dst.copy_(target[None])
    conv.bias.copy_(bias.normal_())


def test_a_gated_unit_is_torchs_at_every_site() -> None:
    torch.manual_seed(0)
    unit, cell = GatedUnit(8, "head", sites=3), nn.GRUCell(8, 8)
    with torch.no_grad():
        copy_gru(unit, cell)
    x, h = torch.randn(5, 8), torch.randn(5, 8)
    for site in range(3):
        torch.testing.assert_close(unit(x, h, site), cell(x, h))


def test_an_atom_without_neighbours_attends_to_nothing() -> None:
    methane = to_tensors(featurize(["C"]).graphs, "V2")
    conv = NeighbourAttention(6)
    nn.init.normal_(conv.bias)
    torch.testing.assert_close(conv(torch.randn(1, 6), methane), conv.bias[None])


def test_every_site_of_the_readout_is_used_once() -> None:
    predictor = network(VARIETY[9])
    seen: list[int] = []
    readout = predictor.readout
    hook = readout.lin.register_forward_pre_hook(lambda _, arguments: seen.append((*arguments, 0)[1]))
    with torch.no_grad():
        predictor(GRAPH)
    hook.remove()
    assert seen == list(range(readout.lin.sites))


def test_every_number_starts_from_its_distribution() -> None:
    """Xavier's for matrices of attention, zero for what is added to their sums; never what memory happened to hold."""
    config = default_config("attentivefp", ("a",), "classification", d_h=40)
    torch.manual_seed(0)
    predictor = Predictor(config)
    encoder, readout = predictor.encoder, predictor.readout
    vectors = [encoder.gate.att_neighbour, encoder.gate.att_centre, readout.att_atom, readout.att_mol]
    vectors += [vector for conv in encoder.convs for vector in (conv.att_src, conv.att_dst)]
    matrices = [readout.lin.weight, *(conv.lin.weight for conv in encoder.convs)]
    for tensor in vectors + matrices:
        bound = (6 / sum(tensor.shape)) ** 0.5
        assert 0.7 * bound < tensor.abs().max() <= bound
    for bias in (encoder.gate.bias, readout.bias, *(conv.bias for conv in encoder.convs)):
        assert not bias.any()
    torch.manual_seed(0)
    again = Predictor(config).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in predictor.state_dict().items())
