"""Hydrogens, degrees and valences are RDKit's; radicals and odd valences are left to it."""

import pytest

PLAIN = [
    "CC(=O)O", "CS(=O)(=O)N", "CS(C)=O", "CSC", "CP(=O)(O)O", "CP(C)C", "C[N+](=O)[O-]", "[NH4+]", "[OH-]",
    "[OH3+]", "C[S-]", "C[S+](C)C", "[BH4-]", "c1cc[nH]c1", "c1cc[n-]c1", "C[n+]1ccccc1", "[O-][n+]1ccccc1",
    "c1cc[o+]cc1", "O=c1cccc[nH]1", "c1ccsc1", "[C-]#[N+]C", "[Cl-]", "FC(F)(F)Br", "C[Si](C)(C)C", "C[SeH]",
    "IC", "B(O)O",
]  # fmt: skip
ODD = ["[C]", "[CH3]", "C[N]C", "CN(=O)=O", "OCl(=O)(=O)=O", "[O]", "C[S+2]", "[C+]", "CP(=O)=C", "FI(F)F", "[N+]C"]
ODD_AROMATIC = [
    "c1-2ccccc1cccc2",
    "c-2ccccc2",
    "cc",
    "c1cccc1c",
    "c1ccc(=O)c1(C)C",
    "[cH-]1cccc1",
    "c1ccccc1:C",
    "s1(=O)cccc1",
]


@pytest.mark.parametrize("smiles", PLAIN)
def test_counts_are_rdkits(perceived, mol, smiles):
    found, atoms = perceived(smiles), mol(smiles).GetAtoms()
    assert found.verdict == "sure"
    assert found.atoms("hydrogens") == [a.GetTotalNumHs() for a in atoms]
    assert found.atoms("degree") == [a.GetTotalDegree() for a in atoms]
    assert found.atoms("valence") == [a.GetTotalValence() for a in atoms]


@pytest.mark.parametrize("smiles", ODD)
def test_odd_valences_are_left_to_rdkit(perceived, smiles):
    assert perceived(smiles).verdict == "valence"


@pytest.mark.parametrize("smiles", ODD_AROMATIC)
def test_odd_lower_case_is_left_to_rdkit(perceived, smiles):
    assert perceived(smiles).verdict == "aromatic input"
