"""Walks hold what the graphs hold, through tables that grow."""

from __future__ import annotations

import numpy as np
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, empty_graphs, slice_graphs
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary

GRAPHS = featurize(DRUGS).graphs


def assert_walk_holds(vocabulary: Vocabulary, graphs: PackedGraphs, scratch: Scratch) -> None:
    walk = vocabulary.walk(graphs, scratch)
    assert np.array_equal(vocabulary.atoms[walk.atom], graphs.atoms)
    pairs = vocabulary.pairs[walk.pair].tolist()
    assert pairs == [[walk.atom[u], b] for ends, b in zip(graphs.ends, graphs.bonds, strict=True) for u in ends]
    assert np.array_equal(walk.bond, graphs.bonds)
    assert np.array_equal(walk.ends, graphs.ends)
    assert np.array_equal(walk.mol_ptr, graphs.atom_ptr)
    assert sorted(walk.in_edge.tolist()) == list(range(2 * len(graphs.bonds)))
    target = graphs.ends[:, ::-1].ravel()
    assert np.array_equal(target[walk.in_edge], np.repeat(np.arange(len(graphs.atoms)), np.diff(walk.in_ptr)))
    assert len(set(vocabulary.atoms.tolist())) == len(vocabulary.atoms)
    assert len({tuple(pair) for pair in vocabulary.pairs.tolist()}) == len(vocabulary.pairs)


def test_a_walk_holds_its_graphs() -> None:
    vocabulary, scratch = Vocabulary(), Scratch()
    for start in (6, 0, 3):
        assert_walk_holds(vocabulary, slice_graphs(GRAPHS, start, start + 5), scratch)
    assert_walk_holds(vocabulary, GRAPHS, scratch)
    assert_walk_holds(vocabulary, empty_graphs(), scratch)


def test_rows_stay_what_they_were_when_thousands_of_atoms_are_new() -> None:
    """Descriptors beyond the first size of every table, as isotopes of carbon would be."""
    vocabulary, scratch = Vocabulary(), Scratch()
    before = vocabulary.walk(GRAPHS, scratch)
    atom, pair = before.atom.copy(), before.pair.copy()
    hashes = vocabulary.atom_hash[atom], vocabulary.pair_hash[pair]
    n = 5000
    isotopes = (np.arange(n, dtype=np.uint64) << np.uint64(32)) + np.uint64(6)
    ends = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1).astype(np.int32)
    bonds = np.ones(n - 1, np.uint16)
    chain = PackedGraphs(isotopes, bonds, ends, np.array([0, n], np.int32), np.array([0, n - 1], np.int32))
    assert_walk_holds(vocabulary, chain, scratch)
    after = vocabulary.walk(GRAPHS, scratch)
    assert np.array_equal(after.atom, atom)
    assert np.array_equal(after.pair, pair)
    assert np.array_equal(vocabulary.atom_hash[atom], hashes[0])
    assert np.array_equal(vocabulary.pair_hash[pair], hashes[1])


def test_a_structural_hash_depends_on_the_atom_and_the_bond_alone() -> None:
    hashes = []
    for order in (DRUGS, DRUGS[::-1]):
        vocabulary = Vocabulary()
        vocabulary.walk(featurize(order).graphs, Scratch())
        atoms = dict(zip(vocabulary.atoms.tolist(), vocabulary.atom_hash.tolist(), strict=True))
        rows, bonds = vocabulary.pairs.T
        pairs = zip(vocabulary.atoms[rows].tolist(), bonds.tolist(), strict=True)
        hashes.append((atoms, dict(zip(pairs, vocabulary.pair_hash.tolist(), strict=True))))
    assert hashes[0] == hashes[1]
    for by_content in hashes[0]:
        assert len(set(by_content.values())) == len(by_content)
