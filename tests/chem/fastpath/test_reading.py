"""Text to atoms and bonds, in RDKit's order."""

import pytest

SPELLINGS = [
    "C1CCC1", "C=1CCC1", "C1CCC=1", "C=1CCC=1", "C-1CCC1", "C1=2CCC1CC2", "C=12CCC1CC2", "C1C=2CCC1C2",
    "C2C1CCC1C2", "C%10CC%10", "C=%10CCC%10", "C1.C1", "C=1.C1", "C%99CCC%99", "C1CC1C1CC1", "C12CCC1CC2",
     "c1ccc2c(c1)-c1ccccc1-2", "C(-C)C", "C(=C)C", "C(C)1CC1", "CC ", "CC\t",
    "[CH3:12]C", "[NH4+].[Cl-]", "[O-]C.[OH3+]", "ClCBr", "[Cl-].[Br-]", "[SiH4]", "C[Se]C", "c1cc[se]c1",
    "C:1:C:C1", "N#Cc1ccccc1", "OB(O)c1ccccc1",
]  # fmt: skip
REFUSED = [
    "", "C(", "C)", "C()C", "(C)C", "C((C))", "C1", "C11", "C1C1", "C12CC12", "CC.", ".CC", "C..C", "C.(C)",
    "C(.C)C", "C-=C", "C==C", "-C", "C-", "C(=)C", "C(1CC1)", "C(=1CC1)", "C=1CC#1", "C-(C)C", "C%1CC1",
    "C%(12)CC%(12)", "[13CH4]", "[H]C", "*C", "[Fe+3]", "C~C", "C$C", "C->C", "[C@TH1H](F)(Cl)Br",
    "CC |c:0|", "CC name", "[CH3:1234]C", "Ą",
]  # fmt: skip


@pytest.mark.parametrize("smiles", SPELLINGS)
def test_atoms_and_bonds_stand_as_in_rdkit(perceived, mol, smiles):
    found, judged = perceived(smiles), mol(smiles)
    if judged is None:
        assert found.verdict != "sure"
        return
    assert found.verdict == "sure"
    assert found.atoms("element") == [a.GetAtomicNum() for a in judged.GetAtoms()]
    assert found.atoms("charge") == [a.GetFormalCharge() for a in judged.GetAtoms()]
    assert found.bonds("begin") == [b.GetBeginAtomIdx() for b in judged.GetBonds()]
    assert found.bonds("end") == [b.GetEndAtomIdx() for b in judged.GetBonds()]


@pytest.mark.parametrize("smiles", REFUSED)
def test_what_is_not_plain_is_left_to_rdkit(perceived, smiles):
    assert perceived(smiles).verdict in ("syntax", "symbol")


def test_large_molecules_are_left_to_rdkit(perceived):
    assert perceived("C" * 255).verdict == "sure"
    assert perceived("C" * 256).verdict == "size"
    assert perceived("C" + "(C" * 65 + ")" * 65).verdict == "size"
