from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molq.chem.featurize import featurize
from molq.chem.packed import concat, slice_graphs
from molq.training.environments import Environments, Segments, transpose


def _distinct_by_recursion(graphs, depth):
    """Numbers of distinct edge environments of radius 0 ... depth-1 and of atom environments, as nested tuples."""
    edges = [(u, v, b) for (u, v), b in zip(graphs.ends.tolist(), graphs.bonds.tolist(), strict=True)]
    directed = [e for u, v, b in edges for e in ((u, v, b), (v, u, b))]
    into = {}
    for i, (_, v, _) in enumerate(directed):
        into.setdefault(v, []).append(i)

    @cache
    def environment(i, radius):
        u, _, bond = directed[i]
        root = (int(graphs.atoms[u]), bond)
        if radius == 0:
            return root
        return root, tuple(sorted((environment(k, radius - 1) for k in into.get(u, []) if k != i ^ 1), key=repr))

    def atom(v):
        return int(graphs.atoms[v]), tuple(sorted((environment(k, depth - 1) for k in into.get(v, [])), key=repr))

    radii = [len({environment(i, r) for i in range(len(directed))}) for r in range(depth)]
    return radii, len({atom(v) for v in range(len(graphs.atoms))})


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_environments_are_those_a_recursive_walk_tells_apart(bace, depth):
    graphs = slice_graphs(bace.graphs, 0, 60)
    environments = Environments(graphs, depth)
    radii, n_atoms = _distinct_by_recursion(graphs, depth)
    found = [len(environments.edge_atom), *(len(shell.root) for shell in environments.shells)]
    assert (found, len(environments.atom_shell.root)) == (radii, n_atoms)


def test_merging_saves_most_of_the_rows(bace):
    batch = Environments(bace.graphs, 3).batch(np.arange(64))
    n_edges = 2 * int(bace.graphs.bond_ptr[64])
    assert len(batch.edge_atom) + len(batch.updates[0].ptr) - 1 < 2 * n_edges / 5


def test_atom_order_and_company_do_not_matter(bace):
    mol = Chem.MolFromSmiles(bace.smiles[0])
    Chem.RemoveStereochemistry(mol)  # a chiral tag is relative to the order of the atoms
    order = np.random.default_rng(0).permutation(mol.GetNumAtoms()).tolist()
    smiles, shuffled = (Chem.MolToSmiles(m, canonical=False) for m in (mol, Chem.RenumberAtoms(mol, order)))
    assert smiles != shuffled
    graphs = concat([featurize([smiles, shuffled]).graphs, slice_graphs(bace.graphs, 1, 30)])
    environments = Environments(graphs, 4)
    first, second = environments.molecules.ptr[:2], environments.molecules.ptr[1:3]
    atoms = environments.molecules.rows
    assert sorted(atoms[slice(*first)]) == sorted(atoms[slice(*second)])


def test_batch_of_repeated_and_bondless_molecules():
    graphs = featurize(["C", "CCO", "[Na+].[Cl-]"]).graphs
    batch = Environments(graphs, 3).batch(np.array([2, 0, 0, 1]))
    assert np.diff(batch.molecules.ptr).tolist() == [2, 1, 1, 3]
    assert len(batch.atom) == 6
    bondless = Environments(graphs, 3).batch(np.array([0]))
    assert len(bondless.edge_atom) == len(bondless.incoming.rows) == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), max_size=5), min_size=1, max_size=8))
def test_transpose_is_the_transposed_matrix(lists):
    segments = Segments(
        np.array([row for rows in lists for row in rows], np.int64), np.cumsum([0] + [len(rows) for rows in lists])
    )
    turned = transpose(segments, 7)
    matrix, back = np.zeros((len(lists), 7)), np.zeros((7, len(lists)))
    for i, rows in enumerate(lists):
        np.add.at(matrix[i], rows, 1)
    for i in range(7):
        np.add.at(back[i], turned.rows[turned.ptr[i] : turned.ptr[i + 1]], 1)
    np.testing.assert_array_equal(back, matrix.T)
