"""The oracle of the fast path, itself held to what RDKit says of every atom and bond."""

import numpy as np
import pytest
from rdkit import Chem

from molq.chem.isotopes import packed_isotope
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, HYBRIDIZATIONS
from molq.chem.rdkit_featurize import featurize_with_rdkit, graph_or_reason, pack_mol


def fields(descriptor, layout):
    return {name: int(descriptor) >> field.shift & (1 << field.width) - 1 for name, field in layout.items()}


def atom_fields(atom):
    hybridization = str(atom.GetHybridization())
    return {
        "atomic_number": atom.GetAtomicNum(),
        "degree": min(atom.GetTotalDegree(), 6),
        "charge": min(max(atom.GetFormalCharge(), -16), 15) + 16,
        "chiral": min(int(atom.GetChiralTag()), 4),
        "hydrogens": min(atom.GetTotalNumHs(), 5),
        "hybridization": HYBRIDIZATIONS.index(hybridization) if hybridization in HYBRIDIZATIONS else 7,
        "aromatic": int(atom.GetIsAromatic()),
        "isotope": packed_isotope(atom.GetAtomicNum(), atom.GetIsotope()),
    }


def bond_fields(bond):
    kinds = {"SINGLE": 1, "DOUBLE": 2, "TRIPLE": 3, "AROMATIC": 4}
    return {
        "type": kinds.get(str(bond.GetBondType()), 0),
        "conjugated": int(bond.GetIsConjugated()),
        "ring": int(bond.IsInRing()),
        "stereo": min(int(bond.GetStereo()), 6),
    }


@pytest.fixture(scope="module")
def molecules(dataset_smiles, odd_smiles):
    found = [
        Chem.MolFromSmiles(s) for s in ["[UH6]", *odd_smiles, *dataset_smiles("bbbp", 150), *dataset_smiles("hiv", 150)]
    ]
    return [mol for mol in found if mol is not None]


@pytest.mark.filterwarnings("ignore")
def test_every_atom_and_bond_holds_what_rdkit_says(molecules):
    seen = {name: set() for name in (*ATOM_FIELDS, *BOND_FIELDS)}
    for mol in molecules:
        graph = pack_mol(mol)
        atoms = [fields(d, ATOM_FIELDS) for d in graph.atoms]
        bonds = [fields(d, BOND_FIELDS) for d in graph.bonds]
        assert atoms == [atom_fields(atom) for atom in mol.GetAtoms()]
        assert bonds == [bond_fields(bond) for bond in mol.GetBonds()]
        assert graph.ends.tolist() == [[b.GetBeginAtomIdx(), b.GetEndAtomIdx()] for b in mol.GetBonds()]
        assert (graph.atom_ptr.tolist(), graph.bond_ptr.tolist()) == ([0, len(atoms)], [0, len(bonds)])
        for rows in (atoms, bonds):
            for row in rows:
                for name, value in row.items():
                    seen[name].add(value)
    assert all(len(values) > 1 for values in seen.values())  # a field that never changes shows nothing


def test_renumbered_atoms_are_the_same_graph_renumbered(molecules):
    rng = np.random.default_rng(0)
    for mol in map(Chem.Mol, molecules[:60]):
        order = rng.permutation(mol.GetNumAtoms())
        Chem.RemoveStereochemistry(mol)  # a chiral tag is relative to the order of the atoms
        graph, renumbered = pack_mol(mol), pack_mol(Chem.RenumberAtoms(mol, order.tolist()))
        assert np.array_equal(renumbered.atoms, graph.atoms[order])
        place = np.argsort(order)

        def edges(made, place):
            ends = place[made.ends].tolist()
            return sorted((*sorted(pair), int(bond)) for pair, bond in zip(ends, made.bonds, strict=True))

        assert edges(graph, place) == edges(renumbered, np.arange(len(order)))


def test_every_input_comes_back_once():
    smiles = ["CCO", "C(", "", "C", "C" * 30, "C\udc80", "[Na+].[Cl-]"]
    made = featurize_with_rdkit(smiles, max_atoms=20)
    assert made.index.tolist() == [0, 3, 6]
    assert [(r.row, r.smiles) for r in made.rejected] == [(i, smiles[i]) for i in (1, 2, 4, 5)]
    assert np.diff(made.graphs.atom_ptr).tolist() == [3, 1, 2]


def test_a_graph_or_the_reason():
    assert graph_or_reason("CCO", 3).n_mols == 1
    assert graph_or_reason("CCO", 2) == "3 heavy atoms, more than the limit of 2"
    assert graph_or_reason("[2H][2H]", 1) == "2 heavy atoms, more than the limit of 1"
    assert graph_or_reason("*CC", 2) == "3 heavy atoms, more than the limit of 2"
    assert graph_or_reason("C1CC", 10) == "unparsable SMILES: unclosed ring"
