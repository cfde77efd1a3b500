"""Packed molecular graphs: one integer per atom, one per bond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.progress import SILENT, Progress

BATCH_MOLECULES = 64


class Field(NamedTuple):
    """Place of one property inside a descriptor, in bits."""

    shift: int
    width: int


ATOM_FIELDS = {
    "atomic_number": Field(0, 8),
    "degree": Field(8, 4),  # total degree, 6 stands for six and more
    "charge": Field(12, 5),  # formal charge + 16
    "chiral": Field(17, 3),  # RDKit chiral tag 0-3, 4 stands for any other
    "hydrogens": Field(20, 4),  # total hydrogen count, 5 stands for five and more
    "hybridization": Field(24, 4),  # index in HYBRIDIZATIONS, 7 stands for any other
    "aromatic": Field(28, 1),
    "isotope": Field(32, 16),  # 0 unless the isotope changes the mass
}
BOND_FIELDS = {
    "type": Field(0, 3),  # 1 single, 2 double, 3 triple, 4 aromatic, 0 any other
    "conjugated": Field(3, 1),
    "ring": Field(4, 1),
    "stereo": Field(5, 3),  # RDKit bond stereo 0-5, 6 stands for any other
}
HYBRIDIZATIONS = ("S", "SP", "SP2", "SP2D", "SP3", "SP3D", "SP3D2")
CHARGE_OFFSET = 16


class PackedGraphs(NamedTuple):
    """A batch of n molecules with N atoms and B bonds in all.

    Bond b joins ``ends[b] = (u, v)``, atom indices within the batch. Its directed edges are 2b (u to v) and 2b+1
    (v to u), so the reverse of edge e is e^1.
    """

    atoms: NDArray[np.uint64]
    """descriptors [N], laid out by ATOM_FIELDS"""
    bonds: NDArray[np.uint16]
    """descriptors [B], laid out by BOND_FIELDS"""
    ends: NDArray[np.int32]
    """[B, 2]"""
    atom_ptr: NDArray[np.int32]
    """[n+1]: molecule i owns atoms atom_ptr[i]:atom_ptr[i+1]"""
    bond_ptr: NDArray[np.int32]
    """[n+1]: molecule i owns bonds bond_ptr[i]:bond_ptr[i+1]"""
    extras: NDArray[np.float32]
    """[n, k]: what a model takes beside the graph, in its own order; k is 0 for most models"""

    @property
    def n_mols(self) -> int:
        return len(self.atom_ptr) - 1


def no_extras(n_mols: int) -> NDArray[np.float32]:
    """What n molecules bring beside their graphs for a model that takes nothing: [n, 0]."""
    return np.empty((n_mols, 0), np.float32)


def empty_graphs() -> PackedGraphs:
    """A batch of no molecules."""
    return PackedGraphs(
        np.empty(0, np.uint64),
        np.empty(0, np.uint16),
        np.empty((0, 2), np.int32),
        np.zeros(1, np.int32),
        np.zeros(1, np.int32),
        no_extras(0),
    )


def concat(batches: Sequence[PackedGraphs]) -> PackedGraphs:
    """One batch holding the molecules of all ``batches``, in order; those without molecules say nothing of extras."""
    if not batches:
        return empty_graphs()
    n_atoms = np.cumsum([0] + [len(b.atoms) for b in batches])
    n_bonds = np.cumsum([0] + [len(b.bonds) for b in batches])
    return PackedGraphs(
        np.concatenate([b.atoms for b in batches]),
        np.concatenate([b.bonds for b in batches]),
        np.concatenate([b.ends + np.int32(o) for b, o in zip(batches, n_atoms, strict=False)]),
        np.concatenate([[0]] + [b.atom_ptr[1:] + o for b, o in zip(batches, n_atoms, strict=False)]).astype(np.int32),
        np.concatenate([[0]] + [b.bond_ptr[1:] + o for b, o in zip(batches, n_bonds, strict=False)]).astype(np.int32),
        np.concatenate([b.extras for b in batches if b.n_mols] or [batches[0].extras]),
    )


def slice_graphs(graphs: PackedGraphs, start: int, stop: int) -> PackedGraphs:
    """Molecules ``start:stop`` as a batch of their own."""
    start, stop, _ = slice(start, stop).indices(graphs.n_mols)
    stop = max(start, stop)
    a0, a1 = graphs.atom_ptr[start], graphs.atom_ptr[stop]
    b0, b1 = graphs.bond_ptr[start], graphs.bond_ptr[stop]
    return PackedGraphs(
        graphs.atoms[a0:a1],
        graphs.bonds[b0:b1],
        graphs.ends[b0:b1] - a0,
        graphs.atom_ptr[start : stop + 1] - a0,
        graphs.bond_ptr[start : stop + 1] - b0,
        graphs.extras[start:stop],
    )


def batches(graphs: PackedGraphs, size: int = BATCH_MOLECULES, progress: Progress = SILENT) -> Iterator[PackedGraphs]:
    """The molecules in order, ``size`` at a time; ``progress`` is told the molecules that were gone through."""
    for start in range(0, graphs.n_mols, size):
        yield slice_graphs(graphs, start, start + size)
        progress.step(min(start + size, graphs.n_mols), graphs.n_mols)


def take(graphs: PackedGraphs, index: NDArray[np.integer]) -> PackedGraphs:
    """Molecules ``index`` (repeats allowed), in that order."""
    rows = np.asarray(index, np.int64)
    atom_rows, atom_ptr = _ranges(graphs.atom_ptr, rows)
    bond_rows, bond_ptr = _ranges(graphs.bond_ptr, rows)
    shift = np.repeat(atom_ptr[:-1] - graphs.atom_ptr[rows], np.diff(bond_ptr))
    return PackedGraphs(
        graphs.atoms[atom_rows],
        graphs.bonds[bond_rows],
        (graphs.ends[bond_rows] + shift[:, None]).astype(np.int32),
        atom_ptr,
        bond_ptr,
        graphs.extras[rows],
    )


def _ranges(ptr: NDArray[np.int32], index: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows of the chosen segments laid end to end, and the pointer of the new batch."""
    counts = (ptr[index + 1] - ptr[index]).astype(np.int64)
    new_ptr = np.concatenate([[0], np.cumsum(counts)])
    rows = np.arange(new_ptr[-1]) + np.repeat(ptr[index] - new_ptr[:-1], counts)
    return rows, new_ptr.astype(np.int32)
