"""Walks hold what the graphs hold; descriptors keep their rows through tables that grow."""

from __future__ import annotations

import numpy as np
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import empty_graphs, slice_graphs
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary, walk_over

GRAPHS = featurize(DRUGS).graphs


def test_a_walk_holds_its_graphs() -> None:
    scratch = Scratch()
    for graphs in (slice_graphs(GRAPHS, 6, 11), slice_graphs(GRAPHS, 0, 5), GRAPHS, empty_graphs()):
        walk = walk_over(graphs, scratch)
        assert np.array_equal(walk.atoms, graphs.atoms)
        assert np.array_equal(walk.bonds, graphs.bonds)
        assert np.array_equal(walk.mol_ptr, graphs.atom_ptr)
        edges = np.arange(2 * len(graphs.bonds))
        assert np.array_equal(walk.source(edges), graphs.ends.ravel())
        target = graphs.ends[:, ::-1].ravel()
        assert sorted(walk.in_edge.tolist()) == edges.tolist()
        assert np.array_equal(target[walk.in_edge], np.repeat(np.arange(len(graphs.atoms)), np.diff(walk.in_ptr)))


def test_rows_stay_what_they_were_when_thousands_of_atoms_are_new() -> None:
    """Descriptors beyond the first size of every table, as isotopes of carbon would be."""
    vocabulary = Vocabulary()
    before = vocabulary.rows(GRAPHS.atoms)
    isotopes = (np.arange(5000, dtype=np.uint64) << np.uint64(32)) + np.uint64(6)
    rows = vocabulary.rows(isotopes)
    assert np.array_equal(vocabulary.atoms[rows], isotopes)
    assert np.array_equal(vocabulary.rows(GRAPHS.atoms), before)
    assert np.array_equal(vocabulary.atoms[before], GRAPHS.atoms)
    assert len(set(vocabulary.atoms.tolist())) == len(vocabulary.atoms)
