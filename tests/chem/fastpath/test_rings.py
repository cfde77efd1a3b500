"""Bonds in rings, and neighbours in RDKit's order."""

import pytest

MOLECULES = [
    "C1CC1CC", "C1CC2CC1CC2", "C1CC12CC2", "c1ccc2ccccc2c1CCC1CC1", "C1CC1.C1CCC1CO", "C12C3C4C1C5C2C3C45",
    "O=C1C2CC3CC(C2)CC1C3", "CC(C)CC", "C", "C1CCC2(CC1)OCCO2",
]  # fmt: skip


@pytest.mark.parametrize("smiles", MOLECULES)
def test_ring_bonds_are_rdkits(perceived, mol, smiles):
    assert perceived(smiles).bonds("in_ring") == [int(b.IsInRing()) for b in mol(smiles).GetBonds()]


@pytest.mark.parametrize("smiles", MOLECULES)
def test_neighbours_stand_by_bond(perceived, mol, smiles):
    found, judged = perceived(smiles), mol(smiles)
    for atom in judged.GetAtoms():
        places = range(*found.work.first[atom.GetIdx() : atom.GetIdx() + 2].tolist())
        assert [int(found.work.via[k]) for k in places] == sorted(b.GetIdx() for b in atom.GetBonds())
        assert [int(found.work.neighbour[k]) for k in places] == [n.GetIdx() for n in atom.GetNeighbors()]
