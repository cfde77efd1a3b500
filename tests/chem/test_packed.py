from itertools import pairwise

import numpy as np
import pytest
from heard import Heard
from hypothesis import given
from hypothesis import strategies as st

from molq.chem.featurize import featurize
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, batches, concat, empty_graphs, slice_graphs, take

SMILES = ["C", "CCO", "c1ccccc1", "[Na+].[Cl-]", "CC(=O)N", "O", "C1CC1"]
GRAPHS = featurize(SMILES).graphs
DTYPES = [np.uint64, np.uint16, np.int32, np.int32, np.int32, np.float32]


def same(left, right):
    return all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(left, right, strict=True)
    )


@pytest.mark.parametrize("fields", [ATOM_FIELDS, BOND_FIELDS])
def test_fields_do_not_overlap(fields):
    bits = [bit for field in fields.values() for bit in range(field.shift, field.shift + field.width)]
    assert len(bits) == len(set(bits))
    assert max(bits) < (64 if fields is ATOM_FIELDS else 16)


def test_types():
    for graphs in (GRAPHS, empty_graphs(), concat([]), concat([GRAPHS, GRAPHS]), take(GRAPHS, np.array([1, 1]))):
        assert [array.dtype for array in graphs] == DTYPES


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_a_slice_is_the_molecules_featurized_alone(start, stop):
    assert same(slice_graphs(GRAPHS, start, stop), featurize(SMILES[start:stop]).graphs)


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_batches_hold_every_molecule_once_and_tell_how_far_they_are(size):
    heard = Heard()
    parts = list(batches(GRAPHS, size, heard))
    assert [part.n_mols for part in parts] == [size] * (7 // size) + [7 % size] * (7 % size > 0)
    assert same(concat(parts), GRAPHS)
    assert heard.steps[""][-1] == (7, 7)
    assert len(heard.steps[""]) == len(parts)
    assert not list(batches(empty_graphs()))


@given(st.lists(st.integers(0, len(SMILES) - 1), max_size=12))
def test_take_is_the_molecules_featurized_in_that_order(index):
    assert same(take(GRAPHS, np.array(index, np.int64)), featurize([SMILES[i] for i in index]).graphs)


@given(st.lists(st.integers(0, len(SMILES)), max_size=4))
def test_concat_undoes_slicing(cuts):
    edges = [0, *sorted(cuts), len(SMILES)]
    assert same(concat([slice_graphs(GRAPHS, a, b) for a, b in pairwise(edges)]), GRAPHS)


def test_extras_go_with_their_molecules():
    extras = np.arange(14, dtype=np.float32).reshape(7, 2)
    graphs = GRAPHS._replace(extras=extras)
    assert np.array_equal(slice_graphs(graphs, 2, 5).extras, extras[2:5])
    assert np.array_equal(take(graphs, np.array([6, 0, 6])).extras, extras[[6, 0, 6]])
    parts = [empty_graphs(), *batches(graphs, 3), empty_graphs()]
    assert np.array_equal(concat(parts).extras, extras)
    assert same(concat(parts), graphs)


def test_n_mols():
    assert (GRAPHS.n_mols, empty_graphs().n_mols) == (len(SMILES), 0)
