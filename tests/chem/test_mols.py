from __future__ import annotations

import numpy as np
import pytest
from molecules import DRUGS
from rdkit import Chem

from molq.chem.featurize import graphs_of
from molq.chem.mols import graph_of_mol, is_mol, smiles_of_mol
from molq.chem.packed import PackedGraphs
from molq.chem.rdkit_featurize import pack_mol
from molq.chem.recipe import PLAIN, Recipe
from molq.data.labels import load_dataset


def kekulized(smiles: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(smiles)
    Chem.Kekulize(mol, clearAromaticFlags=True)
    return mol


SOURCES = {
    "sanitized": Chem.MolFromSmiles,
    "not sanitized": lambda smiles: Chem.MolFromSmiles(smiles, sanitize=False),
    "with hydrogens": lambda smiles: Chem.AddHs(Chem.MolFromSmiles(smiles)),
    "kekulized": kekulized,
    "editable": lambda smiles: Chem.RWMol(Chem.MolFromSmiles(smiles)),
    "pickled": lambda smiles: Chem.Mol(Chem.MolFromSmiles(smiles).ToBinary()),
}


def same(a: PackedGraphs | str, b: PackedGraphs) -> bool:
    return not isinstance(a, str) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("source", SOURCES)
def test_the_graph_is_that_of_the_smiles(source: str) -> None:
    for smiles in [*DRUGS, *load_dataset("bace").smiles[::15], "[2H]C", "[H][H]", "*CC", "[Na+].[O-]C(=O)/C=C/F"]:
        mol = SOURCES[source](smiles)
        before = mol.ToBinary()
        assert same(graph_of_mol(mol), pack_mol(Chem.MolFromSmiles(smiles))), smiles
        assert mol.ToBinary() == before, smiles


@pytest.mark.parametrize("hydrogens", ["explicit", "kept", "kept+explicit"])
def test_the_graph_is_that_of_the_smiles_by_the_recipe(hydrogens: str) -> None:
    recipe = Recipe(hydrogens=hydrogens, ignore_stereo=True)  # type: ignore[arg-type]
    for smiles in [*DRUGS, "[2H]C", "[Na+].[O-]C(=O)/C=C/F"]:
        for source in ("sanitized", "not sanitized", "kekulized"):
            assert same(graph_of_mol(SOURCES[source](smiles), recipe=recipe), graphs_of([smiles], recipe)), smiles


def test_hydrogens_that_are_atoms_are_written_where_they_are_kept() -> None:
    mol, recipe = Chem.AddHs(Chem.MolFromSmiles("CCO")), Recipe(hydrogens="kept")
    assert [len(graph_of_mol(mol, 3, r).atoms) for r in (PLAIN, recipe)] == [3, 9]  # type: ignore[union-attr]


def test_what_is_no_molecule_has_a_reason() -> None:
    assert graph_of_mol(Chem.Mol()) == "no atoms"
    assert graph_of_mol(Chem.MolFromSmarts("[#6]~[N,O]")) == "a query, such as a SMARTS pattern, and no molecule"
    assert graph_of_mol(Chem.MolFromSmiles("C" * 12), max_atoms=11) == "12 atoms, more than the limit of 11"
    impossible = Chem.MolFromSmiles("C(C)(C)(C)(C)C", sanitize=False)
    assert "valence" in str(graph_of_mol(impossible))


def test_is_mol_knows_the_kin_of_a_molecule() -> None:
    assert is_mol(Chem.MolFromSmiles("C"))
    assert is_mol(Chem.RWMol())
    assert not is_mol("C")
    assert not is_mol(None)


def test_a_molecule_is_written_as_a_smiles():
    assert smiles_of_mol(Chem.MolFromSmiles("OCC")) == "CCO"
    assert smiles_of_mol(Chem.Mol()) == smiles_of_mol(None) == smiles_of_mol("CCO") == ""
