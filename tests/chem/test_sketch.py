"""A sketch holds what RDKit says of a molecule, and nothing for what RDKit cannot draw."""

from __future__ import annotations

import msgspec
import pytest
from rdkit import Chem
from rdkit.Chem import rdDepictor

from molq.chem.sketch import AROMATIC, IN_RING, MAX_ATOMS, STEREO, sketch


@pytest.mark.parametrize(
    "smiles", ["CC(=O)Nc1ccc2[nH]ccc2c1", "[2H]C([O-])C[N+](C)(C)C", "C[CH2].[Na+]", "C1CC2CCC1C2", "[NH3]->[Pt](Cl)Cl"]
)
def test_atoms_and_bonds_are_those_of_rdkit(smiles):
    mol = Chem.MolFromSmiles(smiles)
    found = sketch(smiles)
    atoms = list(mol.GetAtoms())
    assert found.z == tuple(atom.GetAtomicNum() for atom in atoms)
    assert found.h == tuple(atom.GetTotalNumHs() for atom in atoms)
    assert found.a == tuple(atom.GetIdx() for atom in atoms if atom.GetIsAromatic())
    for name, asked in (("q", "GetFormalCharge"), ("i", "GetIsotope"), ("e", "GetNumRadicalElectrons")):
        told = {atom.GetIdx(): value for atom in atoms if (value := getattr(atom, asked)())}
        assert getattr(found, name) == told
    rings = mol.GetRingInfo()
    ringed = [i for i in range(len(atoms)) if rings.NumAtomRings(i)]
    assert found.r == tuple(n for i in ringed for n in (i, rings.NumAtomRings(i), rings.MinAtomRingSize(i)))
    for bond in mol.GetBonds():
        a, b, kind = found.b[3 * bond.GetIdx() : 3 * bond.GetIdx() + 3]
        assert {a, b} == {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()}
        assert (bool(kind & AROMATIC), bool(kind & IN_RING)) == (bond.GetIsAromatic(), bond.IsInRing())
    assert len(found.b) == 3 * mol.GetNumBonds()


def test_aromatic_bonds_have_orders_of_kekule():
    found = sketch("c1ccccc1")
    assert sorted(kind & 15 for kind in found.b[2::3]) == [1, 1, 1, 2, 2, 2]


def test_a_dative_bond_leads_to_the_atom_that_takes():
    assert sketch("[Pt](<-[NH3])(Cl)Cl").b[:3] == (1, 0, 9)


def test_places_are_those_of_rdkit_in_hundredths():
    mol = Chem.MolFromSmiles("OCC1CC1")
    rdDepictor.Compute2DCoords(mol)
    places = mol.GetConformer().GetPositions()
    found = sketch("OCC1CC1")
    assert found.x == tuple(round(100 * x) for x in places[:, 0])
    assert found.y == tuple(round(100 * y) for y in places[:, 1])


def test_a_wedge_starts_at_the_stereocentre():
    found = sketch("C[C@H](N)O")
    wedged = [(a, kind // STEREO) for a, kind in zip(found.b[::3], found.b[2::3], strict=True) if kind >= STEREO]
    assert [(atom, stereo in (1, 6)) for atom, stereo in wedged] == [(1, True)]


def test_what_a_mol_block_cannot_hold_has_no_sketch():
    assert sketch("no molecule") is None
    assert sketch("") is None
    assert sketch("C" * (MAX_ATOMS + 1)) is None


def test_a_sketch_is_small_as_json():
    smiles = "CC(C)(C)NC(=O)[C@@H]1C[C@@H]2CCCC[C@@H]2CN1C[C@@H](O)[C@H](Cc1ccccc1)NC(=O)c1cccc(O)c1C"
    assert len(msgspec.json.encode(sketch(smiles))) < 1200
    assert b'"q"' not in msgspec.json.encode(sketch("CC"))


def test_marks_of_relative_stereo_leave_the_rest_of_a_molecule():
    found = sketch("CC[C@H](F)Cl |o1:2|")
    assert found == sketch("CC[C@H](F)Cl")
    assert found is not None
