"""Numba kernels of the walk: descriptors to table rows, edges grouped by target."""

from __future__ import annotations

import numpy as np

from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS
from molq.compiled import compiler

jit = compiler(__file__)

_MOST = {"atomic_number": 118, "degree": 6, "chiral": 4, "hydrogens": 5, "hybridization": 7}
_ATOM_BITS, _BOND_BITS = (
    sum(((1 << field.width) - 1) << field.shift for field in fields.values()) for fields in (ATOM_FIELDS, BOND_FIELDS)
)
_NO_ATOM, _NO_BOND = np.uint64(~_ATOM_BITS & (2**64 - 1)), np.uint16(~_BOND_BITS & 0xFFFF)
_Z, _DEGREE, _CHIRAL, _HYDROGENS, _HYBRIDIZATION = (
    (np.uint64(ATOM_FIELDS[name].shift), np.uint64((1 << ATOM_FIELDS[name].width) - 1), np.uint64(most))
    for name, most in _MOST.items()
)
_MOST_TYPE, _MOST_STEREO = 4, 6


@jit
def _slot(keys, rows, key):
    """Place of ``key`` in the open-addressing table, or of the free slot where it would go."""
    mask = np.uint64(len(keys) - 1)
    mixed = key * np.uint64(0x9E3779B97F4A7C15)
    i = (mixed ^ (mixed >> np.uint64(29))) & mask
    while rows[i] >= 0 and keys[i] != key:
        i = (i + np.uint64(1)) & mask
    return i


@jit
def look_up(keys, rows, descriptors, out):
    """out [N] ← row of each descriptor, −1 where there is none yet; returns how many there are of those."""
    missing = 0
    for v in range(len(descriptors)):
        out[v] = rows[_slot(keys, rows, descriptors[v])]
        missing += out[v] < 0
    return missing


@jit
def insert(keys, rows, descriptors, first):
    """Enters descriptors ``first`` and up, whose rows are their places, in the open-addressing table."""
    for row in range(first, len(descriptors)):
        i = _slot(keys, rows, descriptors[row])
        keys[i] = descriptors[row]
        rows[i] = row


@jit
def incoming_edges(ends, n_atoms, in_ptr, in_edge):
    """Fills in_ptr [N + 1] and in_edge [2B]: the edges into every atom, ascending."""
    in_ptr[: n_atoms + 1] = 0
    for b in range(len(ends)):
        in_ptr[ends[b, 0] + 1] += 1
        in_ptr[ends[b, 1] + 1] += 1
    for v in range(n_atoms):
        in_ptr[v + 1] += in_ptr[v]
    # in_ptr[v] runs ahead while filling and is set back after
    for b in range(len(ends)):
        u, v = ends[b, 0], ends[b, 1]
        in_edge[in_ptr[v]] = 2 * b
        in_ptr[v] += 1
        in_edge[in_ptr[u]] = 2 * b + 1
        in_ptr[u] += 1
    for v in range(n_atoms, 0, -1):
        in_ptr[v] = in_ptr[v - 1]
    in_ptr[0] = 0


@jit
def are_pointers(ptr, total):
    """Whether ``ptr`` rises from 0 to ``total``."""
    ok = ptr[0] == 0 and ptr[-1] == total
    for i in range(len(ptr) - 1):
        ok &= ptr[i] <= ptr[i + 1]
    return ok


@jit
def first_impossible(atoms, bonds, ends, atom_ptr, bond_ptr):
    """The first molecule with a descriptor beyond its limits or a bond that leaves it, −1 when there is none.

    Sums of comparisons, without branches, so that it costs next to nothing.
    """
    for i in range(len(atom_ptr) - 1):
        first, after = atom_ptr[i], atom_ptr[i + 1]
        n_bad = 0
        for v in range(first, after):
            n_bad += _is_beyond(atoms[v])
        for b in range(bond_ptr[i], bond_ptr[i + 1]):
            u, v = ends[b, 0], ends[b, 1]
            n_bad += (u < first) | (u >= after) | (v < first) | (v >= after) | (u == v)
            n_bad += ((bonds[b] & _NO_BOND) != 0) | ((bonds[b] & 7) > _MOST_TYPE) | ((bonds[b] >> 5) > _MOST_STEREO)
        if n_bad:
            return i
    return -1


@jit
def _is_beyond(atom):
    """Whether no atom has this descriptor."""
    return (
        ((atom & _NO_ATOM) != 0)
        | (((atom >> _Z[0]) & _Z[1]) > _Z[2])
        | (((atom >> _DEGREE[0]) & _DEGREE[1]) > _DEGREE[2])
        | (((atom >> _CHIRAL[0]) & _CHIRAL[1]) > _CHIRAL[2])
        | (((atom >> _HYDROGENS[0]) & _HYDROGENS[1]) > _HYDROGENS[2])
        | (((atom >> _HYBRIDIZATION[0]) & _HYBRIDIZATION[1]) > _HYBRIDIZATION[2])
    )
