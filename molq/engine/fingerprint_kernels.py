"""Numba kernels of fingerprints: 128 bits that say what an environment is.

A fingerprint is two 64-bit hashes with constants of their own, held as the last axis [2]. What feeds an environment is
a set without order, so its members' hashes are scrambled and added. If scrambling is as good as random, the chance that
any two of D environments share a fingerprint is below D² / 2^129: 10^-21 for a thousand million of them.
"""

from __future__ import annotations

import numpy as np

from molq.compiled import compiler

jit = compiler(__file__)

_GOLDEN = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03))
_FIRST = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0xFF51AFD7ED558CCD))
_SECOND = (np.uint64(0x94D049BB133111EB), np.uint64(0xC4CEB9FE1A85EC53))


@jit
def scramble(x, stream):
    """A 64-bit hash of a 64-bit integer: the finalizers of splitmix64 and of MurmurHash3, for stream 0 and 1."""
    x = (x + _GOLDEN[stream]) ^ (x >> np.uint64(30))
    x = x * _FIRST[stream]
    x = (x ^ (x >> np.uint64(27))) * _SECOND[stream]
    return x ^ (x >> np.uint64(31))


@jit
def _joined(root, fed, stream):
    """The hash of an environment with that root, from the sum of what feeds it."""
    return scramble(root + fed * _GOLDEN[1 - stream], stream)


@jit
def atom_fingerprints(atoms, out):
    """out [N, 2] ← fingerprints of atom descriptors [N]."""
    for v in range(len(atoms)):
        for stream in range(2):
            out[v, stream] = scramble(atoms[v], stream)


@jit
def pair_fingerprints(atom, bonds, ends, out):
    """out [2B, 2] ← fingerprints of the (source atom, bond) pair of every edge, from those of the atoms [N, 2]."""
    for b in range(len(bonds)):
        bond = (np.uint64(bonds[b]) + np.uint64(1)) * _GOLDEN[1]
        for side in range(2):
            for stream in range(2):
                out[2 * b + side, stream] = scramble(atom[ends[b, side], stream] ^ bond, stream)


@jit
def bond_fingerprints(edge, out):
    """out [2B, 2] ← fingerprints of what the two edges of a bond are together, the same for both of them."""
    for b in range(len(edge) // 2):
        for stream in range(2):
            both = scramble(edge[2 * b, stream], stream) + scramble(edge[2 * b + 1, stream], stream)
            out[2 * b, stream] = out[2 * b + 1, stream] = scramble(both, stream)


@jit
def edge_fingerprints(in_ptr, in_edge, pair, feeding, term, out):
    """out [2B, 2] ← fingerprints one radius wider: the edge's pair, and ``feeding`` of the other edges into its source.

    ``term`` [2B, 2] is room to work in.
    """
    for e in range(len(feeding)):
        for stream in range(2):
            term[e, stream] = scramble(feeding[e, stream], stream)
    for v in range(len(in_ptr) - 1):
        for stream in range(2):
            total = np.uint64(0)
            for k in range(in_ptr[v], in_ptr[v + 1]):
                total += term[in_edge[k], stream]
            for k in range(in_ptr[v], in_ptr[v + 1]):
                back = in_edge[k]
                out[back ^ 1, stream] = _joined(pair[back ^ 1, stream], total - term[back, stream], stream)


@jit
def centre_fingerprints(in_ptr, in_edge, root, feeding, out):
    """out [N, 2] ← fingerprints of atoms: a root [N, 2], and ``feeding`` [2B, 2] of all edges into the atom."""
    for v in range(len(in_ptr) - 1):
        for stream in range(2):
            total = np.uint64(0)
            for k in range(in_ptr[v], in_ptr[v + 1]):
                total += scramble(feeding[in_edge[k], stream], stream)
            out[v, stream] = _joined(root[v, stream], total, stream)


@jit
def intern(fingerprint, wanted, slots, known, uses, n, out, places):
    """out [m] ← numbers of the environments at places ``wanted`` [m] of ``fingerprint``.

    New ones are entered from number ``n`` on, and their places written to ``places``; returns how many are known now.
    ``slots`` is an open-addressing table of numbers + 1.
    """
    mask = np.uint64(len(slots) - 1)
    first = n
    for i in range(len(wanted)):
        low, high = fingerprint[wanted[i], 0], fingerprint[wanted[i], 1]
        slot = low & mask
        number = slots[slot] - 1
        while number >= 0 and (known[number, 0] != low or known[number, 1] != high):
            slot = (slot + np.uint64(1)) & mask
            number = slots[slot] - 1
        if number < 0:
            number = n
            slots[slot] = n + 1
            known[n, 0], known[n, 1] = low, high
            uses[n] = 0
            places[n - first] = wanted[i]
            n += 1
        elif uses[number] < 255:
            uses[number] += 1
        out[i] = number
    return n


@jit
def fill_slots(slots, known, n):
    """Enters environments 0 to n − 1 in the empty open-addressing table ``slots``."""
    mask = np.uint64(len(slots) - 1)
    for number in range(n):
        slot = known[number, 0] & mask
        while slots[slot]:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number + 1


@jit
def edges_into(centre, skipped, in_ptr, in_edge, fingerprint, ptr, out):
    """out ← the edges into each atom of ``centre`` [m] but ``skipped`` [m] (−1: none), by ascending fingerprint.

    Those of atom i stand at ptr[i]:ptr[i + 1]. Sums over them have the same bits wherever an environment is met.
    """
    ptr[0] = 0
    for i in range(len(centre)):
        start = at = ptr[i]
        for k in range(in_ptr[centre[i]], in_ptr[centre[i] + 1]):
            e = in_edge[k]
            if e == skipped[i]:
                continue
            j = at
            while j > start and _is_before(fingerprint, e, out[j - 1]):
                out[j] = out[j - 1]
                j -= 1
            out[j] = e
            at += 1
        ptr[i + 1] = at


@jit
def _is_before(fingerprint, e, f):
    if fingerprint[e, 0] != fingerprint[f, 0]:
        return fingerprint[e, 0] < fingerprint[f, 0]
    return fingerprint[e, 1] < fingerprint[f, 1]
