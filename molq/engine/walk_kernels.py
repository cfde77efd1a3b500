"""Numba kernels of the walk: descriptors to table rows, edges grouped by target."""

from __future__ import annotations

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


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
def pair_rows(ends, atom, bonds, known, n_known, grown, out):
    """out [2B] ← row of (source atom, bond) of each edge; new pairs are entered and written to ``grown``."""
    n_new = 0
    for b in range(len(bonds)):
        for side in range(2):
            source, bond = atom[ends[b, side]], bonds[b]
            row = known[source, bond]
            if row < 0:
                row = n_known + n_new
                known[source, bond] = row
                grown[n_new, 0], grown[n_new, 1] = source, bond
                n_new += 1
            out[2 * b + side] = row
    return n_new


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
def mix(x):
    """A 64-bit hash of a 64-bit integer (the finalizer of splitmix64)."""
    x = np.uint64(x) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@jit
def hash_all(x, out):
    """out [n] ← hash of every integer of x [n]."""
    for i in range(len(x)):
        out[i] = mix(x[i])


@jit
def _slot_of(h, number):
    """What stands in an open-addressing table for an environment: its hash's upper half over its number + 1."""
    return (h & np.uint64(0xFFFFFFFF00000000)) | np.uint64(number + 1)


@jit
def fill_slots(slots, hashes, n):
    """Enters environments 0 to n − 1 in the empty open-addressing table ``slots``."""
    mask = np.uint64(len(slots) - 1)
    for number in range(n):
        i = hashes[number] & mask
        while slots[i]:
            i = (i + np.uint64(1)) & mask
        slots[i] = _slot_of(hashes[number], number)


@jit
def _sort_incoming(start, stop, in_edge, number, hashes, edge_at, number_at, hash_at):
    """The edges into one atom, with numbers and hashes, by ascending hash, in the first places of the last three."""
    for k in range(start, stop):
        e = in_edge[k]
        h, i = hashes[e], k - start
        while i > 0 and hash_at[i - 1] > h:
            edge_at[i], number_at[i], hash_at[i] = edge_at[i - 1], number_at[i - 1], hash_at[i - 1]
            i -= 1
        edge_at[i], number_at[i], hash_at[i] = e, number[e], h


@jit
def _intern(h, root_row, number_at, n_at, skip, slots, n, root, ptr, children, hashes):
    """Number of the environment with that root and those feeding numbers less the one at ``skip``; n if it is new."""
    mask = np.uint64(len(slots) - 1)
    i = h & mask
    length = n_at - (skip < n_at)
    upper = h >> np.uint64(32)
    while slots[i]:
        known = np.int64(slots[i] & np.uint64(0xFFFFFFFF)) - 1
        if slots[i] >> np.uint64(32) == upper and root[known] == root_row and ptr[known + 1] - ptr[known] == length:
            at, same = ptr[known], True
            for j in range(n_at):
                if j != skip:
                    if children[at] != number_at[j]:
                        same = False
                        break
                    at += 1
            if same:
                return known
        i = (i + np.uint64(1)) & mask
    slots[i] = _slot_of(h, n)
    root[n], hashes[n] = root_row, h
    at = ptr[n]
    for j in range(n_at):
        if j != skip:
            children[at] = number_at[j]
            at += 1
    ptr[n + 1] = at
    return n


@jit
def intern_edges(
    in_ptr, in_edge, pair, pair_hash, number, hashes, slots, n, root, ptr, children, known_hash, out, out_hash, widest
):
    """out [2B], out_hash [2B] ← environments of the edges; returns how many environments are known now."""
    edge_at, number_at = np.empty(widest, np.int32), np.empty(widest, np.int32)
    hash_at = np.empty(widest, np.uint64)
    for v in range(len(in_ptr) - 1):
        n_at = in_ptr[v + 1] - in_ptr[v]
        _sort_incoming(in_ptr[v], in_ptr[v + 1], in_edge, number, hashes, edge_at, number_at, hash_at)
        for skip in range(n_at):
            e = edge_at[skip] ^ 1
            h = mix(pair_hash[pair[e]])  # not bare: a root and what feeds it would change places unseen
            for j in range(n_at):
                if j != skip:
                    h = mix(h ^ hash_at[j])
            h = mix(h)
            found = _intern(h, pair[e], number_at, n_at, skip, slots, n, root, ptr, children, known_hash)
            n += found == n
            out[e], out_hash[e] = found, h
    return n


@jit
def intern_atoms(
    in_ptr, in_edge, root_row, root_hash, number, hashes, slots, n, root, ptr, children, known_hash, out, out_hash,
    widest,
):  # fmt: skip
    """out [N], out_hash [N] ← environments of the atoms; returns how many environments are known now."""
    edge_at, number_at = np.empty(widest, np.int32), np.empty(widest, np.int32)
    hash_at = np.empty(widest, np.uint64)
    for v in range(len(in_ptr) - 1):
        n_at = in_ptr[v + 1] - in_ptr[v]
        _sort_incoming(in_ptr[v], in_ptr[v + 1], in_edge, number, hashes, edge_at, number_at, hash_at)
        h = root_hash[v]
        for j in range(n_at):
            h = mix(h ^ hash_at[j])
        h = mix(h)
        found = _intern(h, root_row[v], number_at, n_at, n_at, slots, n, root, ptr, children, known_hash)
        n += found == n
        out[v], out_hash[v] = found, h
    return n


@jit
def neighbours_with_bonds(ends, bonds, number, hashes, out, out_hash):
    """out [2B], out_hash [2B] ← 256·number of the edge's source + bond descriptor, and a hash of both."""
    for b in range(len(bonds)):
        for side in range(2):
            source = ends[b, side]
            out[2 * b + side] = 256 * number[source] + bonds[b]
            out_hash[2 * b + side] = mix(hashes[source] ^ (np.uint64(bonds[b]) << np.uint64(1)))
