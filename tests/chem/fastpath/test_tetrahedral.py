"""Tags are kept, turned and dropped as RDKit does it."""

import pytest
from rdkit import Chem

KEPT = [
    "F[C@H](Cl)Br", "F[C@@H](Cl)Br", "[C@H](F)(Cl)Br", "F[C@](Cl)(Br)I", "[C@@H]1(F)CCCCC1Cl",
    "C[C@@H](N)C(=O)O", "C[S@](=O)CC", "C[S@@+]([O-])CC", "C[N@+](CC)(CCC)CCCC", "C[P@](=O)(CC)O",
    "C[Si@H](F)Cl", "O[C@@H]1CO[C@H](CO)[C@H]1O", "C[C@]12CCC(=O)C=C1CC[C@@H]1[C@@H]2CCC1",
    "C[C@H]1CC[C@@H](C)CC1", "C[C@H]1CC[C@H](C)CC1", "OC[C@H](O)[C@@H](O)[C@H](O)CO",
    "O=C(N[C@H]1C[C@H](c2ccccc2)C1)C", "C[C@H](O)[C@@H](C)[C@H](O)C", "N[C@H]1CC[C@@]2(CC1)OCCO2",
]  # fmt: skip
DROPPED = ["C[C@H](C)Cl", "C1CC[C@H]1F", "CC[C@](C)(C)O", "C[C@H]1CCCCC1(C)C"]
LEFT = [
    "C[N@@](CC)CCC",
    "C[S@@](CC)(O)C1(C#N)CCOCC1",
    "C[C@:1](F)(Cl)Br",
    "C[P@](CC)CCC",
    "F[C@H2]Cl",
    "CC(C)[C@@H](/C=C/F)C(C)C",
]


@pytest.mark.parametrize("smiles", KEPT + DROPPED)
def test_tags_are_rdkits_in_any_spelling(perceived, mol, smiles):
    spellings = {smiles} | {Chem.MolToSmiles(mol(smiles), doRandom=True) for _ in range(20)}
    for spelling in spellings:
        found = perceived(spelling)
        assert found.verdict == "sure", spelling
        assert found.atoms("tag") == [int(a.GetChiralTag()) for a in mol(spelling).GetAtoms()], spelling


@pytest.mark.parametrize("smiles", LEFT)
def test_what_is_not_clear_is_left_to_rdkit(perceived, smiles):
    assert perceived(smiles).verdict != "sure"
