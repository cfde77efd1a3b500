"""The oracle is chemprop: its molecules by its options, its feature rows, its edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from molecules import DRUGS
from rdkit.rdBase import BlockLogs

from molq.chem.features import FeatureTable
from molq.chem.featurize import featurize
from molq.chem.followed import followed, with_hydrogens, without_stereo
from molq.chem.packed import empty_graphs, slice_graphs
from molq.chem.recipe import PLAIN, Recipe

WRITTEN = ["[2H]C", "[H][C@](F)(Cl)Br", "[H]/C(F)=C(/[H])Cl", "[H]N([H])C[C@@H](C)O", "[H][H]", "[HH]", "[H+]", "[#1]C"]
STEREO = ["C[C@H](N)C(=O)O", "F/C=C/c1cc[nH]c1", "O[C@@H]1C[C@H]1/C=C\\F", "C[S@](=O)CC"]
MANY = ["[SH6]", "[PH5]", "S(F)(F)(F)(F)(F)F", "[SiH4]", "[Ho]", "[U]", "N->[Cu]<-N"]
RECIPES = [
    (Recipe(hydrogens=hydrogens, ignore_stereo=ignored), {"keep_h": keep, "add_h": add, "ignore_stereo": ignored})
    for (hydrogens, keep, add), ignored in itertools.product(
        [("implicit", 0, 0), ("explicit", 0, 1), ("kept", 1, 0), ("kept+explicit", 1, 1)], [False, True]
    )
]


@pytest.mark.parametrize(("recipe", "options"), RECIPES, ids=[recipe.in_words or "plain" for recipe, _ in RECIPES])
def test_each_recipe_makes_chemprops_graphs(recipe, options, dataset_smiles):
    from chemprop.featurizers import SimpleMoleculeMolGraphFeaturizer
    from chemprop.utils.utils import make_mol

    smiles = [*DRUGS, *WRITTEN, *STEREO, *MANY, *dataset_smiles("bace", 40)]
    with BlockLogs():
        expected = [SimpleMoleculeMolGraphFeaturizer()(make_mol(text, **options)) for text in smiles]
    found, table = featurize(smiles, recipe=recipe), FeatureTable("V2")
    assert not found.rejected
    for i, graph in enumerate(expected):
        one = slice_graphs(found.graphs, i, i + 1)
        np.testing.assert_array_equal(table.atoms(one.atoms), graph.V, smiles[i])
        np.testing.assert_array_equal(table.bonds(one.bonds), graph.E[::2], smiles[i])
        np.testing.assert_array_equal(one.ends.T, graph.edge_index[:, ::2], smiles[i])


def test_what_a_descriptor_cannot_tell_is_left_to_rdkit():
    graphs = featurize(["C", "[SH6]", "CC"]).graphs
    grown, is_told = followed(graphs, Recipe(hydrogens="explicit"))
    assert is_told.tolist() == [True, False, True]
    assert np.diff(grown.atom_ptr).tolist() == [5, 8]
    assert followed(graphs, PLAIN)[0] is graphs


def test_no_molecules_stay_none():
    assert with_hydrogens(empty_graphs()).n_mols == without_stereo(empty_graphs()).n_mols == 0
