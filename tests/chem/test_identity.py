import numpy as np
import pytest
from rdkit import Chem

from molq.chem.featurize import featurize
from molq.chem.identity import canonical_smiles, places_among, same_molecules, spelling_free_keys

MOLECULES = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@H](N)C(=O)O",
    "C[C@@H](N)C(=O)O",
    "F/C=C/F",
    "F/C=C\\F",
    "[13CH3]O",
    "CO",
    "c1ccc2[nH]ccc2c1",
    "C[N+](C)(C)C.[Cl-]",
    "CC(C)c1ccc(cc1)[C@@H](C)C(=O)O",
    "OC1CCCCC1",
    "OC1(C)CCCC1",
]


def spellings(smiles, n):
    """n random spellings of a molecule."""
    mol = Chem.MolFromSmiles(smiles)
    return [Chem.MolToRandomSmilesVect(mol, 1, randomSeed=seed)[0] for seed in range(1, n + 1)]


def test_every_spelling_of_a_molecule_is_the_same_and_no_other():
    smiles = [text for molecule in MOLECULES for text in spellings(molecule, 5)]
    order = np.random.default_rng(0).permutation(len(smiles))
    first = same_molecules([smiles[i] for i in order])
    canonical = [Chem.CanonSmiles(smiles[i]) for i in order]
    assert first.tolist() == [canonical.index(text) for text in canonical]


def test_keys_do_not_depend_on_the_spelling():
    for molecule in MOLECULES:
        keys = spelling_free_keys(featurize([molecule, *spellings(molecule, 5)]).graphs)
        assert len(set(keys.tolist())) == 1
    assert len(set(spelling_free_keys(featurize(["OC1CCCCC1", "OC1(C)CCCC1", "CCO", "COC"]).graphs).tolist())) == 4


def test_graphs_at_hand_give_the_same():
    smiles = ["CCO", "OCC", "CC"]
    assert same_molecules(smiles, featurize(smiles).graphs).tolist() == same_molecules(smiles).tolist() == [0, 0, 2]


def test_no_molecules():
    assert same_molecules([]).tolist() == []


@pytest.mark.parametrize(("smiles", "expected"), [("OCC", "CCO"), ("no molecule", "no molecule")])
def test_canonical_smiles(smiles, expected):
    assert canonical_smiles(smiles) == expected


def test_places_among_other_molecules_however_they_are_spelled():
    others = ["CCO", "c1ccccc1", "C[C@H](N)O", "OCC"]
    smiles = ["OCC", "C1=CC=CC=C1", "C[C@@H](N)O", "N[C@@H](C)O", "CCN"]
    found = places_among(smiles, featurize(smiles).graphs, others, featurize(others).graphs)
    canonical = [Chem.CanonSmiles(text) for text in others]
    expected = [canonical.index(c) if (c := Chem.CanonSmiles(text)) in canonical else -1 for text in smiles]
    assert found.tolist() == [others.index(t) if t in others else e for t, e in zip(smiles, expected, strict=True)]
    assert expected[2:] == [-1, 2, -1]
