import numpy as np
import pytest

from molq.calibset import population
from molq.calibset.population import populate
from molq.chem.featurize import featurize
from molq.chem.recipe import PLAIN, Recipe
from molq.errors import MolqWarning


def test_rejected_rows_are_counted_and_the_others_keep_their_row():
    found = populate(["CCO", "not a molecule", "c1ccccc1", ""])
    assert (found.n_source, found.n_rejected) == (4, 2)
    assert dict(zip(found.smiles, found.rows.tolist(), strict=True)) == {"CCO": 0, "c1ccccc1": 2}


def test_the_order_of_the_source_does_not_matter(library):
    shuffled = [library[i] for i in np.random.default_rng(0).permutation(len(library))]
    assert populate(shuffled, limit=30, seed=3).smiles == populate(library, limit=30, seed=3).smiles


def test_distinct_leaves_out_repeats():
    found = populate(["CCO", "CC", "CCO", "CCO"])
    assert [found.smiles[i] for i in found.distinct] == ["CC", "CCO"]
    assert found.rows[found.distinct].tolist() == [1, 0]


def test_rings_and_size_of_scaffolds():
    scaffolds = populate(["CCCC", "Cc1ccc2ccccc2c1", "OC1CCCC1", "Cc1ccccc1.C1CC1"]).scaffolds
    shapes = dict(zip(scaffolds.names, zip(scaffolds.n_rings, scaffolds.n_atoms, strict=True), strict=True))
    assert shapes == {"": (0, 0), "c1ccc2ccccc2c1": (2, 10), "C1CCCC1": (1, 5), "C1CC1.c1ccccc1": (2, 9)}


def test_elements_and_charges():
    found = populate(["C[N+](C)(C)C", "CBr"])
    assert {int(z) for z in np.flatnonzero(found.elements.any(axis=0))} == {6, 7, 35}
    assert found.charges[found.smiles.index("C[N+](C)(C)C"), 17]
    assert not found.charges[found.smiles.index("CBr"), 17]


def test_a_network_takes_the_graphs_of_its_recipe(library):
    molecules = populate(library[:50])
    assert molecules.graphs_by(PLAIN) is molecules.graphs
    explicit = Recipe(hydrogens="explicit")
    assert (
        molecules.graphs_by(explicit).atoms.tobytes()
        == featurize(molecules.smiles, recipe=explicit).graphs.atoms.tobytes()
    )


def test_a_subset_has_the_features_of_its_molecules(library):
    whole = populate(library)
    early = whole.subset(np.array([40, 3, 17]))
    late = whole.subset(np.array([3, 17, 40]))
    assert early.smiles == [whole.smiles[i] for i in (3, 17, 40)]
    _ = whole.scaffolds, whole.profile, whole.elements, whole.fingerprints
    computed = whole.subset(np.array([3, 17, 40]))
    for part in (late, computed):
        assert [part.scaffolds.names[c] for c in part.scaffolds.codes] == [
            early.scaffolds.names[c] for c in early.scaffolds.codes
        ]
        np.testing.assert_array_equal(part.profile, early.profile)
        np.testing.assert_array_equal(part.elements, early.elements)
        np.testing.assert_array_equal(part.fingerprints, early.fingerprints)


def test_a_molecule_on_which_rdkit_fails_stands_in_the_middle(monkeypatch):
    described = population.property_profile

    def failing(smiles):
        profile = described(smiles)
        profile[[text == "CCO" for text in smiles]] = np.nan
        return profile

    expected = np.median(described(["CCCC", "c1ccccc1", "CN"]), axis=0)
    monkeypatch.setattr(population, "property_profile", failing)
    found = populate(["CCO", "CCCC", "c1ccccc1", "CN"])
    with pytest.warns(MolqWarning, match="RDKit fails on 1 of 4 molecules, such as CCO"):
        np.testing.assert_array_equal(found.profile[found.smiles.index("CCO")], expected)
