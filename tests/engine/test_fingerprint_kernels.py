"""Hashes against Python's integers, numbers against a dictionary, sorting against sorted."""

from __future__ import annotations

import numpy as np
import pytest
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.engine import fingerprint_kernels as kernels
from molq.engine.scratch import Scratch
from molq.engine.walk import walk_over

MASK = 2**64 - 1
CONSTANTS = (
    (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB),
    (0xD1B54A32D192ED03, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53),
)


@pytest.mark.parametrize("stream", [0, 1])
def test_the_hash_in_pythons_integers(stream: int) -> None:
    add, first, second = CONSTANTS[stream]
    atoms = np.array([0, 1, 2**63, MASK, 12345678901234567], np.uint64)
    out = np.empty((5, 2), np.uint64)
    kernels.atom_fingerprints(atoms, out)
    for value, found in zip(atoms.tolist(), out[:, stream].tolist(), strict=True):
        x = (((value + add) & MASK) ^ (value >> 30)) * first & MASK
        x = (x ^ (x >> 27)) * second & MASK
        assert found == x ^ (x >> 31)


def test_a_million_hashes_are_told_apart_in_each_stream() -> None:
    out = np.empty((10**6, 2), np.uint64)
    kernels.atom_fingerprints(np.arange(10**6, dtype=np.uint64), out)
    assert len(np.unique(out[:, 0])) == len(np.unique(out[:, 1])) == 10**6
    bits = np.unpackbits(np.ascontiguousarray(out[:100_000]).view(np.uint8).reshape(-1, 16), axis=1).mean(0)
    assert np.abs(bits - 0.5).max() < 0.01


def test_numbers_are_a_dictionarys() -> None:
    rng = np.random.default_rng(0)
    fingerprints = rng.integers(0, 2**63, (300, 2)).astype(np.uint64)
    fingerprints[:, 0] &= np.uint64(0xF000000000000007)  # crowded slots
    fingerprints[150:, 1] = fingerprints[:150, 1]  # the same in one half, not in the other
    slots, known = np.zeros(1024, np.int32), np.empty((400, 2), np.uint64)
    uses, numbers, n = np.empty(400, np.uint8), {}, 0
    for _ in range(4):
        wanted = rng.integers(0, 300, 200).astype(np.int32)
        out, places = np.empty(200, np.int32), np.empty(200, np.int32)
        before = n
        n = kernels.intern(fingerprints, wanted, slots, known, uses, n, out, places)
        expected = [numbers.setdefault(tuple(fingerprints[w].tolist()), len(numbers)) for w in wanted]
        assert out.tolist() == expected
        assert n == len(numbers)
        assert [tuple(fingerprints[p].tolist()) for p in places[: n - before]] == list(numbers)[before:]
    again = np.zeros(1024, np.int32)
    kernels.fill_slots(again, known, n)
    out = np.empty(300, np.int32)
    assert kernels.intern(fingerprints, np.arange(300, dtype=np.int32), again, known, uses, n, out, places) >= n
    assert all(out[i] == numbers[key] for i, f in enumerate(fingerprints) if (key := tuple(f.tolist())) in numbers)


def test_uses_are_counted_up_to_what_a_byte_holds() -> None:
    fingerprints = np.array([[1, 2]], np.uint64)
    slots, known, uses = np.zeros(8, np.int32), np.empty((4, 2), np.uint64), np.empty(4, np.uint8)
    out, places = np.empty(400, np.int32), np.empty(400, np.int32)
    kernels.intern(fingerprints, np.zeros(11, np.int32), slots, known, uses, 0, out, places)
    assert uses[0] == 10
    kernels.intern(fingerprints, np.zeros(400, np.int32), slots, known, uses, 1, out, places)
    assert uses[0] == 255


def test_edges_into_an_atom_stand_by_fingerprint() -> None:
    walk = walk_over(featurize(DRUGS).graphs, Scratch())
    fingerprints = np.random.default_rng(0).integers(0, 3, (len(walk.in_edge), 2)).astype(np.uint64)
    centre = np.arange(len(walk.atoms), dtype=np.int32)[::-1].copy()
    skipped = np.array(
        [walk.in_edge[walk.in_ptr[v]] if v % 2 and walk.in_ptr[v + 1] > walk.in_ptr[v] else -1 for v in centre]
    )
    ptr, out = np.empty(len(centre) + 1, np.int32), np.empty(len(walk.in_edge), np.int32)
    kernels.edges_into(centre, skipped.astype(np.int32), walk.in_ptr, walk.in_edge, fingerprints, ptr, out)
    for i, v in enumerate(centre):
        expected = {*walk.in_edge[walk.in_ptr[v] : walk.in_ptr[v + 1]].tolist()} - {skipped[i]}
        found = out[ptr[i] : ptr[i + 1]].tolist()
        assert {*found} == expected
        assert [tuple(fingerprints[e]) for e in found] == sorted(tuple(fingerprints[e]) for e in expected)
