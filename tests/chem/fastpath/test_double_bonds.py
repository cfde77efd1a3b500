"""Stereo of double bonds is RDKit's."""

import pytest
from rdkit import Chem

CLEAR = [
    "F/C=C/F", "F/C=C\\F", "C(/F)=C\\F", "F/C(/Cl)=C/F", "C/C=N/O", "O=C1NC(=S)S/C1=C/c1ccccc1",
    "F/C=C/C=C\\F", "c1ccccc1/C=C/Cl", "N/C(F)=C/C", "[O-]/[N+](C)=C/c1ccccc1", "O/N=C/1CCCN1",
    "O/N=C\\1CCCN1", "CC/C(C)=C(\\C)CO", "C/C(CC)=C/CO", "C/N=C1/CCCCN1", "S=C1NC(=O)/C(=C/c2ccccc2)S1",
    "C/C=C/C1=CCCC1", "CC/C=C\\C[C@H](F)Cl",
]  # fmt: skip
LEFT = ["C/C=C/C(/C=C\\C)=C/F", "F/C(\\Cl)=C/F", "C/C(C)=N\\O", "C1CCCC/C=C/CCC1", "F/C=C/[H]", "[CH3:1]/C=C/F"]


@pytest.mark.parametrize("smiles", CLEAR)
def test_stereo_is_rdkits_in_any_spelling(perceived, mol, smiles):
    spellings = {smiles} | {Chem.MolToSmiles(mol(smiles), doRandom=True) for _ in range(20)}
    for spelling in spellings:
        found = perceived(spelling)
        assert found.verdict == "sure", spelling
        assert found.bonds("stereo") == [int(b.GetStereo()) for b in mol(spelling).GetBonds()], spelling


@pytest.mark.parametrize("smiles", LEFT)
def test_what_is_not_clear_is_left_to_rdkit(perceived, smiles):
    assert perceived(smiles).verdict != "sure"
