"""Aromaticity comes from memory, whatever the spelling."""

import pytest
from rdkit import Chem

AROMATIC = [
    "c1ccccc1", "CN1ON1C", "CN1SN1C", "CN1CN1C", "N1NNNN1", "C1=CC=CC=C1", "c1ccc2ccccc2c1",
    "c1ccc2c(c1)Cc1ccccc1-2", "O=c1cc[nH]cc1", "O=C1C=CNC=C1", "c1ccoc1", "C1=COC=C1", "c1ccc2[nH]ccc2c1",
    "O=C1NC(=O)c2ccccc21", "C1CCc2ccccc2C1", "c1ccc(cc1)-c1ccccc1", "C1=CCC=CC1", "C1=CC2=CC=CC2=C1",
    "c1cnc2nccnc2n1", "O=S1(=O)c2ccccc2-c2ccccc21", "C1=CC=CC=CC=C1", "c1cc2ccc3cccc4ccc(c1)c2c34",
]  # fmt: skip


@pytest.mark.parametrize("smiles", AROMATIC)
def test_flags_are_rdkits_in_any_spelling(perceived, mol, smiles):
    spellings = {smiles} | {Chem.MolToSmiles(mol(smiles), doRandom=True) for _ in range(10)}
    for spelling in spellings:
        found, judged = perceived(spelling), mol(spelling)
        assert found.verdict == "sure", spelling
        assert found.atoms("aromatic") == [int(a.GetIsAromatic()) for a in judged.GetAtoms()], spelling
        assert [order == 4 for order in found.bonds("order")] == [b.GetIsAromatic() for b in judged.GetBonds()], (
            spelling
        )


def test_lower_case_that_is_not_aromatic_is_left_to_rdkit(perceived, mol):
    smiles = "O=c1c(=O)c2cccc3cccc1c32"
    assert not all(a.GetIsAromatic() for a in mol(smiles).GetAtoms() if a.GetAtomicNum() == 6)
    assert perceived(smiles).verdict == "ring system left to RDKit"


def test_an_aromatic_triple_bond_is_left_to_rdkit(perceived):
    assert perceived("C1=CC=CC#C1").verdict == "ring system left to RDKit"


def test_a_new_system_is_asked_about_once(perceived, memory):
    perceived("c1ccc2nnnnc2c1")
    known = len(memory)
    perceived("c1ccc2nnnnc2c1")
    perceived("CCc1ccc2nnnnc2c1")
    assert len(memory) == known
