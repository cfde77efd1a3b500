"""Priorities are the ranks that RDKit gives before it labels centres."""

import pytest
from rdkit import Chem

from molq.chem.fastpath.priorities import rank_by_element, rank_with_labels, refine

MOLECULES = [
    "OCC(C)O", "CC(C)CC(=O)N", "c1ccccc1C(=O)NC(C)C", "CCC(CC)CCO", "C1CC1CC(F)Cl", "CP(=O)(O)OC",
    "C=CC(C)=O", "FC(F)(F)C(Cl)Br", "O=C(O)c1ccc(N)cc1", "CS(=O)(=O)Nc1ncccn1",
]  # fmt: skip


def ranked(found):
    rank_by_element(found.n_atoms, found.work)
    while refine(found.n_atoms, found.work):
        pass
    return found.atoms("rank")


@pytest.mark.parametrize("smiles", MOLECULES)
def test_ranks_are_rdkits(perceived, mol, smiles):
    judged = mol(smiles)
    Chem.AssignStereochemistry(judged, cleanIt=True, force=True, flagPossibleStereoCenters=True)
    assert ranked(perceived(smiles)) == [int(a.GetProp("_CIPRank")) for a in judged.GetAtoms()]


def test_labels_break_ties(perceived):
    found = perceived("CCC")
    ranked(found)
    assert found.work.rank[0] == found.work.rank[2]
    label = found.work.parent
    label[:3] = [1, 0, 2]
    rank_with_labels(3, label, found.work)
    assert found.work.rank[0] < found.work.rank[2]


def test_an_entry_without_room_ends_the_ranking(perceived):
    found = perceived("CCCC")
    rank_by_element(found.n_atoms, found.work)
    found.work.hydrogens[0] = 100
    assert not refine(found.n_atoms, found.work)
