"""Packed graphs as torch tensors."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from molq.chem.features import FeatureTable
from molq.chem.packed import PackedGraphs


class GraphTensors(NamedTuple):
    """A batch of n molecules, N atoms and B bonds. Directed edges come as adjacent pairs: the reverse of e is e^1."""

    x: Tensor
    """atom features [N, d_v]"""
    bond_attr: Tensor
    """bond features [B, d_e]; both edges of a bond share a row"""
    src: Tensor
    """int64 [2B]"""
    dst: Tensor
    """int64 [2B]"""
    batch: Tensor
    """int64 [N], the molecule of each atom, ascending"""
    n_mols: int
    extras: Tensor
    """[n, k], what the molecules bring beside their graphs"""


def to_tensors(graphs: PackedGraphs, feature_set: str, dtype: torch.dtype = torch.float32) -> GraphTensors:
    """The batch as torch tensors with the features of ``feature_set``."""
    table = _table(feature_set)
    atoms, atom_row = np.unique(graphs.atoms, return_inverse=True)
    bonds, bond_row = np.unique(graphs.bonds, return_inverse=True)
    x = torch.from_numpy(table.atoms(atoms)).to(dtype)
    bond_attr = torch.from_numpy(table.bonds(bonds)).to(dtype)
    src = torch.from_numpy(graphs.ends.astype(np.int64).reshape(-1))
    dst = torch.from_numpy(graphs.ends[:, ::-1].astype(np.int64).reshape(-1))
    batch = np.repeat(np.arange(graphs.n_mols), np.diff(graphs.atom_ptr))
    return GraphTensors(
        x[torch.from_numpy(atom_row)],
        bond_attr[torch.from_numpy(bond_row)],
        src,
        dst,
        torch.from_numpy(batch),
        graphs.n_mols,
        torch.from_numpy(graphs.extras).to(dtype),
    )


@cache
def _table(feature_set: str) -> FeatureTable:
    return FeatureTable(feature_set)


def both_directions(per_bond: Tensor) -> Tensor:
    """Rows per bond [B, d] repeated for both directed edges [2B, d]."""
    return per_bond.repeat_interleave(2, dim=0)


def reverse(per_edge: Tensor) -> Tensor:
    """Row of the reverse edge at every edge [2B, d]."""
    return per_edge.view(-1, 2, per_edge.shape[1]).flip(1).reshape(per_edge.shape)


def sum_to(index: Tensor, rows: Tensor, n: int) -> Tensor:
    """Sums [n, d] of the ``rows`` [m, d] that share an index [m]."""
    return torch.zeros(n, rows.shape[1], dtype=rows.dtype, device=rows.device).index_add_(0, index, rows)


def count_to(index: Tensor, n: int, dtype: torch.dtype) -> Tensor:
    """How often each of the n numbers stands in ``index`` [m], as a column [n, 1]."""
    return sum_to(index, torch.ones(index.shape[0], 1, dtype=dtype, device=index.device), n)
