"""Conjugated bonds and hybridizations are RDKit's."""

import pytest

from molq.chem.packed import HYBRIDIZATIONS

MOLECULES = [
    "C=CC=C", "CC(=O)N", "CC(=O)OC", "CC#CC=C", "O=C1C=CC(=O)C=C1", "CS(=O)(=O)N", "CS(=O)c1ccccc1",
    "c1ccccc1O", "C=C=C", "N#CC=C", "C[N+](=O)[O-]", "CP(=O)(O)O", "Pc1ccccc1", "Sc1ccccc1", "C=CBr",
    "NC(=[NH2+])N", "[C-]#[N+]C", "c1ccc[nH]1", "C[Si](C)(C)C=C", "B(O)(O)C=C", "C=C[O-]", "FS(F)(F)(F)(F)F",
    "O=[Se]", "C[Se]C=C", "C=CN(C)C", "[Cl-]", "[NH4+]", "CSC=C", "CC(=S)N", "C=CI",
]  # fmt: skip


@pytest.mark.parametrize("smiles", MOLECULES)
def test_marks_are_rdkits(perceived, mol, smiles):
    found, judged = perceived(smiles), mol(smiles)
    if found.verdict != "sure":
        assert smiles in ("FS(F)(F)(F)(F)F", "O=[Se]")
        return
    assert found.bonds("conjugated") == [int(b.GetIsConjugated()) for b in judged.GetBonds()]
    assert [HYBRIDIZATIONS[k] for k in found.atoms("hybridization")] == [
        str(a.GetHybridization()) for a in judged.GetAtoms()
    ]
