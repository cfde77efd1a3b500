"""Numba kernels of the walk: descriptors to table rows, edges grouped by target."""

from __future__ import annotations

import numpy as np

from molq.compiled import compiler

jit = compiler(__file__)


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
