from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS

from molq.chem.features import FEATURE_SETS, FeatureTable
from molq.chem.featurize import featurize
from molq.chem.packed import empty_graphs, take
from molq.nn.graph import both_directions, reverse, sum_to, to_tensors

GRAPHS = featurize(DRUGS).graphs


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_tensors_hold_what_the_graphs_hold(name: str) -> None:
    graph, table = to_tensors(GRAPHS, name), FeatureTable(name)
    assert np.array_equal(graph.x.numpy(), table.atoms(GRAPHS.atoms))
    assert np.array_equal(graph.bond_attr.numpy(), table.bonds(GRAPHS.bonds))
    edges = [pair for u, v in GRAPHS.ends.tolist() for pair in ((u, v), (v, u))]
    assert list(zip(graph.src.tolist(), graph.dst.tolist(), strict=True)) == edges
    sizes = np.diff(GRAPHS.atom_ptr)
    assert graph.batch.tolist() == [m for m, size in enumerate(sizes) for _ in range(size)]
    assert graph.n_mols == len(DRUGS)
    assert {graph.src.dtype, graph.dst.dtype, graph.batch.dtype} == {torch.int64}


def test_tensors_follow_take() -> None:
    order = np.array([2, 0, 2])
    whole, part = to_tensors(GRAPHS, "V2"), to_tensors(take(GRAPHS, order), "V2")
    rows = np.concatenate([np.arange(GRAPHS.atom_ptr[i], GRAPHS.atom_ptr[i + 1]) for i in order])
    assert torch.equal(part.x, whole.x[torch.from_numpy(rows)])
    assert part.n_mols == 3


def test_no_molecules_are_no_rows() -> None:
    graph = to_tensors(empty_graphs(), "V2")
    assert (graph.x.shape, graph.bond_attr.shape, graph.src.shape, graph.n_mols) == ((0, 72), (0, 14), (0,), 0)


def test_an_edge_and_its_reverse_stand_side_by_side() -> None:
    per_bond = torch.arange(6.0).view(3, 2)
    edges = both_directions(per_bond)
    assert edges.tolist() == [[0, 1], [0, 1], [2, 3], [2, 3], [4, 5], [4, 5]]
    per_edge = torch.arange(12.0).view(6, 2)
    turned = reverse(per_edge)
    assert turned.tolist() == [per_edge[e ^ 1].tolist() for e in range(6)]
    assert torch.equal(reverse(turned), per_edge)
    graph = to_tensors(GRAPHS, "V2")
    assert torch.equal(reverse(graph.src[:, None])[:, 0], graph.dst)


def test_rows_of_one_index_are_added_up() -> None:
    index, rows = torch.tensor([2, 0, 2, 2, 3]), torch.arange(10.0).view(5, 2)
    expected = np.zeros((5, 2))
    np.add.at(expected, index.numpy(), rows.numpy())
    assert sum_to(index, rows, 5).tolist() == expected.tolist()
