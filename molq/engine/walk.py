"""The walk over a batch that every level and every member of an ensemble shares: edges grouped by target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.engine import walk_kernels
from molq.engine.scratch import Scratch

N_BOND_CODES = 256
_ABSENT = np.int32(-1)


class Walk(NamedTuple):
    """A batch of n molecules, N atoms, B bonds. Directed edges 2b and 2b + 1 are the two ways along bond b."""

    atoms: NDArray[np.uint64]
    """[N], descriptors"""
    bonds: NDArray[np.uint16]
    """[B], descriptors, below N_BOND_CODES"""
    ends: NDArray[np.int32]
    """[B, 2]"""
    mol_ptr: NDArray[np.int32]
    """[n+1], first atom of each molecule"""
    in_ptr: NDArray[np.int32]
    """[N+1]"""
    in_edge: NDArray[np.int32]
    """[2B], edges into atom v at in_ptr[v]:in_ptr[v+1]"""

    def source(self, edge: NDArray[np.integer]) -> NDArray[np.int32]:
        """The atoms that directed edges start from."""
        found: NDArray[np.int32] = self.ends[edge >> 1, edge & 1]
        return found


def walk_over(graphs: PackedGraphs, scratch: Scratch) -> Walk:
    """The walk over ``graphs``. Its arrays live until the next call with the same scratch."""
    in_ptr = scratch.lend("in_ptr", (len(graphs.atoms) + 1,), np.int32)
    in_edge = scratch.lend("in_edge", (2 * len(graphs.bonds),), np.int32)
    walk_kernels.incoming_edges(graphs.ends, len(graphs.atoms), in_ptr, in_edge)
    return Walk(graphs.atoms, graphs.bonds, graphs.ends, graphs.atom_ptr, in_ptr, in_edge)


class Vocabulary:
    """A row for every distinct atom descriptor met so far, in order of first sight."""

    def __init__(self) -> None:
        self.atoms = np.empty(0, np.uint64)
        """descriptor of every row"""
        self._keys = np.zeros(1 << 12, np.uint64)
        self._rows = np.full(1 << 12, _ABSENT)

    def rows(self, descriptors: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The rows [m] of descriptors [m]; new ones get new rows."""
        out = np.empty(len(descriptors), np.int32)
        if walk_kernels.look_up(self._keys, self._rows, descriptors, out):
            self._add(np.unique(descriptors[out == _ABSENT]))
            walk_kernels.look_up(self._keys, self._rows, descriptors, out)
        return out

    def _add(self, descriptors: NDArray[np.uint64]) -> None:
        first = len(self.atoms)
        self.atoms = np.concatenate([self.atoms, descriptors])
        if 2 * len(self.atoms) > len(self._keys):
            size = 1 << (4 * len(self.atoms)).bit_length()
            self._keys, self._rows = np.zeros(size, np.uint64), np.full(size, _ABSENT)
            first = 0
        walk_kernels.insert(self._keys, self._rows, self.atoms, first)
