"""Hash tables against dictionaries, edges by target against a list of lists, the hash against Python's integers."""

from __future__ import annotations

import numpy as np
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.engine import walk_kernels

GRAPHS = featurize(DRUGS).graphs
MASK = 2**64 - 1


def splitmix64(x: int) -> int:
    """Steele, Lea and Flood, 2014."""
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def test_the_hash_is_splitmix64() -> None:
    x = np.array([0, 1, 2**63, MASK, 12345678901234567], np.uint64)
    out = np.empty_like(x)
    walk_kernels.hash_all(x, out)
    assert out.tolist() == [splitmix64(int(v)) for v in x]


def test_rows_are_found_in_a_table_that_is_nearly_full_of_alike_keys() -> None:
    descriptors = np.arange(60, dtype=np.uint64) << np.uint64(32)
    keys, rows = np.zeros(64, np.uint64), np.full(64, -1, np.int32)
    out = np.empty(61, np.int32)
    asked = np.concatenate([descriptors[::-1], np.array([7], np.uint64)])
    assert walk_kernels.look_up(keys, rows, asked, out) == 61
    assert set(out.tolist()) == {-1}
    walk_kernels.insert(keys, rows, descriptors[:40], 0)
    walk_kernels.insert(keys, rows, descriptors, 40)
    assert walk_kernels.look_up(keys, rows, asked, out) == 1
    assert out.tolist() == [*range(59, -1, -1), -1]


def test_pairs_are_numbered_at_first_sight() -> None:
    rows = np.unique(GRAPHS.atoms, return_inverse=True)[1].astype(np.int32)
    known = np.full((rows.max() + 1, 256), -1, np.int32)
    grown, out = np.empty((2 * len(GRAPHS.bonds), 2), np.int32), np.empty(2 * len(GRAPHS.bonds), np.int32)
    numbers: dict[tuple[int, int], int] = {}
    expected = [
        numbers.setdefault((int(rows[source]), int(bond)), len(numbers))
        for ends, bond in zip(GRAPHS.ends, GRAPHS.bonds, strict=True)
        for source in ends
    ]
    n_new = walk_kernels.pair_rows(GRAPHS.ends, rows, GRAPHS.bonds, known, 0, grown, out)
    assert out.tolist() == expected
    assert [tuple(pair) for pair in grown[:n_new].tolist()] == list(numbers)
    assert walk_kernels.pair_rows(GRAPHS.ends, rows, GRAPHS.bonds, known, n_new, grown, out) == 0
    assert out.tolist() == expected


def test_edges_stand_with_the_atom_they_point_at() -> None:
    n_atoms = len(GRAPHS.atoms)
    into: list[list[int]] = [[] for _ in range(n_atoms)]
    for b, (u, v) in enumerate(GRAPHS.ends.tolist()):
        into[v].append(2 * b)
        into[u].append(2 * b + 1)
    in_ptr, in_edge = np.full(n_atoms + 1, 99, np.int32), np.empty(2 * len(GRAPHS.bonds), np.int32)
    walk_kernels.incoming_edges(GRAPHS.ends, n_atoms, in_ptr, in_edge)
    found = [in_edge[in_ptr[v] : in_ptr[v + 1]].tolist() for v in range(n_atoms)]
    assert found == [sorted(edges) for edges in into]


def test_a_neighbour_and_its_bond_stand_at_the_edge_that_comes_from_it() -> None:
    number = np.arange(10, 10 + len(GRAPHS.atoms), dtype=np.int32)
    hashes = np.empty(len(GRAPHS.atoms), np.uint64)
    walk_kernels.hash_all(number, hashes)
    out, out_hash = np.empty(2 * len(GRAPHS.bonds), np.int32), np.empty(2 * len(GRAPHS.bonds), np.uint64)
    walk_kernels.neighbours_with_bonds(GRAPHS.ends, GRAPHS.bonds, number, hashes, out, out_hash)
    assert np.array_equal(out >> 8, number[GRAPHS.ends].ravel())
    assert np.array_equal(out & 255, np.repeat(GRAPHS.bonds, 2))
    distinct = {(int(source), int(bond)) for source, bond in zip(out >> 8, out & 255, strict=True)}
    assert len(set(out_hash.tolist())) == len(distinct)
