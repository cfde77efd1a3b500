"""The walk over a batch that every layer and every member of an ensemble shares: rows of tables, edges by target."""

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
    """A batch of n molecules, N atoms, B bonds, with table rows in place of descriptors."""

    ends: NDArray[np.int32]
    """[B, 2]"""
    mol_ptr: NDArray[np.int32]
    """[n+1], first atom of each molecule"""
    atom: NDArray[np.int32]
    """[N], row of each atom's descriptor"""
    bond: NDArray[np.uint16]
    """[B], the bond descriptors, which are table rows themselves"""
    pair: NDArray[np.int32]
    """[2B], row of (source atom, bond) of each directed edge"""
    in_ptr: NDArray[np.int32]
    """[N+1]"""
    in_edge: NDArray[np.int32]
    """[2B], edges into atom v at in_ptr[v]:in_ptr[v+1]"""


class Vocabulary:
    """Rows for the distinct atom descriptors and (atom, bond) pairs met so far, in order of first sight."""

    def __init__(self) -> None:
        self.atoms = np.empty(0, np.uint64)
        """descriptor of every atom row"""
        self.pairs = np.empty((0, 2), np.int32)
        """(atom row, bond descriptor) of every pair row"""
        self.atom_hash = np.empty(0, np.uint64)
        """structural hash of every atom row"""
        self.pair_hash = np.empty(0, np.uint64)
        """structural hash of every pair row"""
        self._keys = np.zeros(1 << 12, np.uint64)
        self._rows = np.full(1 << 12, _ABSENT)
        self._pair_rows = np.full((256, N_BOND_CODES), _ABSENT)

    def walk(self, graphs: PackedGraphs, scratch: Scratch) -> Walk:
        """The walk over ``graphs``; new descriptors get new rows. Its arrays live until the next call."""
        n_atoms, n_edges = len(graphs.atoms), 2 * len(graphs.bonds)
        atom = scratch.lend("atom", (n_atoms,), np.int32)
        if walk_kernels.look_up(self._keys, self._rows, graphs.atoms, atom):
            self._add_atoms(np.unique(graphs.atoms[atom == _ABSENT]))
            walk_kernels.look_up(self._keys, self._rows, graphs.atoms, atom)
        pair = scratch.lend("pair", (n_edges,), np.int32)
        new = scratch.lend("new_pairs", (n_edges, 2), np.int32)
        n_new = walk_kernels.pair_rows(graphs.ends, atom, graphs.bonds, self._pair_rows, len(self.pairs), new, pair)
        if n_new:
            self._add_pairs(new[:n_new])
        in_ptr = scratch.lend("in_ptr", (n_atoms + 1,), np.int32)
        in_edge = scratch.lend("in_edge", (n_edges,), np.int32)
        walk_kernels.incoming_edges(graphs.ends, n_atoms, in_ptr, in_edge)
        return Walk(graphs.ends, graphs.atom_ptr, atom, graphs.bonds, pair, in_ptr, in_edge)

    def _add_atoms(self, descriptors: NDArray[np.uint64]) -> None:
        first = len(self.atoms)
        self.atoms = np.concatenate([self.atoms, descriptors])
        self.atom_hash = np.empty(len(self.atoms), np.uint64)
        walk_kernels.hash_all(self.atoms, self.atom_hash)
        if 2 * len(self.atoms) > len(self._keys):
            size = 1 << (4 * len(self.atoms)).bit_length()
            self._keys, self._rows = np.zeros(size, np.uint64), np.full(size, _ABSENT)
            first = 0
        walk_kernels.insert(self._keys, self._rows, self.atoms, first)
        if len(self.atoms) > len(self._pair_rows):
            more = np.full((len(self.atoms), N_BOND_CODES), _ABSENT)
            self._pair_rows = np.concatenate([self._pair_rows, more])

    def _add_pairs(self, pairs: NDArray[np.int32]) -> None:
        self.pairs = np.concatenate([self.pairs, pairs])
        content = self.atom_hash[self.pairs[:, 0]] ^ self.pairs[:, 1].astype(np.uint64)
        self.pair_hash = np.empty(len(self.pairs), np.uint64)
        walk_kernels.hash_all(content, self.pair_hash)
