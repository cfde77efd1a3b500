"""SMILES to packed graphs in plain RDKit: the oracle of the fast featurizer, and its fallback."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rdkit import Chem

from molq.chem.featurized import Featurized, assemble
from molq.chem.isotopes import packed_isotope
from molq.chem.molecule import asked, molecule
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, CHARGE_OFFSET, HYBRIDIZATIONS, PackedGraphs, no_extras
from molq.chem.recipe import PLAIN, Recipe
from molq.chem.rejection import rejection_reason, size_reason
from molq.records.record import Rejected

_HYBRIDIZATION = {getattr(Chem.HybridizationType, name): i for i, name in enumerate(HYBRIDIZATIONS)}
_BOND_TYPE = {
    Chem.BondType.SINGLE: 1,
    Chem.BondType.DOUBLE: 2,
    Chem.BondType.TRIPLE: 3,
    Chem.BondType.AROMATIC: 4,
}


def featurize_with_rdkit(smiles: Sequence[str], max_atoms: int = 1000, recipe: Recipe = PLAIN) -> Featurized:
    """Graphs of the molecules that parse, rejections of the others; every input comes back exactly once."""
    graphs: list[PackedGraphs] = []
    index: list[int] = []
    rejected: list[Rejected] = []
    for i, text in enumerate(smiles):
        graph = graph_or_reason(text, max_atoms, recipe)
        if isinstance(graph, str):
            rejected.append(Rejected(i, text, graph))
        else:
            graphs.append(graph)
            index.append(i)
    return assemble(graphs, index, rejected)


def graph_or_reason(smiles: str, max_atoms: int, recipe: Recipe = PLAIN) -> PackedGraphs | str:
    """The graph of one molecule, or the reason why there is none; hydrogens that the recipe adds count for no atom."""
    reason = size_reason(smiles, max_atoms)
    if reason:
        return reason
    mol = molecule(smiles, recipe)
    if mol is None or mol.GetNumAtoms() == 0:
        return rejection_reason(smiles)
    if mol.GetNumAtoms() > max_atoms:
        return f"{mol.GetNumAtoms():,} atoms, more than the limit of {max_atoms:,}"
    graph, complaint = asked(pack_mol, mol, recipe)
    return complaint or "RDKit gives no reason" if graph is None else graph


def pack_mol(mol: Chem.Mol, recipe: Recipe = PLAIN) -> PackedGraphs:
    """One sanitized RDKit molecule as a batch of one, with the hydrogens that the recipe adds."""
    mol = prepared(mol, recipe)
    n_atoms, n_bonds = mol.GetNumAtoms(), mol.GetNumBonds()
    bonds = [mol.GetBondWithIdx(i) for i in range(n_bonds)]
    return PackedGraphs(
        np.array([_atom(mol.GetAtomWithIdx(i)) for i in range(n_atoms)], np.uint64),
        np.array([_bond(bond) for bond in bonds], np.uint16),
        np.array([(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in bonds], np.int32).reshape(n_bonds, 2),
        np.array([0, n_atoms], np.int32),
        np.array([0, n_bonds], np.int32),
        no_extras(1),
    )


def prepared(mol: Chem.Mol, recipe: Recipe) -> Chem.Mol:
    """A sanitized molecule with the hydrogens that the recipe adds, and without the stereo that it ignores."""
    if recipe.adds_hydrogens:
        mol = Chem.AddHs(mol)
    return _without_stereo(mol) if recipe.ignore_stereo else mol


def _without_stereo(mol: Chem.Mol) -> Chem.Mol:
    bare = Chem.Mol(mol)
    for atom in bare.GetAtoms():
        atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
    for bond in bare.GetBonds():
        bond.SetStereo(Chem.BondStereo.STEREONONE)
    return bare


def _atom(atom: Chem.Atom) -> int:
    return _atom_descriptor(
        atom.GetAtomicNum(),
        atom.GetTotalDegree(),
        atom.GetFormalCharge(),
        int(atom.GetChiralTag()),
        atom.GetTotalNumHs(),
        atom.GetHybridization(),
        atom.GetIsAromatic(),
        atom.GetIsotope(),
    )


@lru_cache(maxsize=4096)
def _atom_descriptor(
    atomic_number: int,
    degree: int,
    charge: int,
    chiral: int,
    hydrogens: int,
    hybridization: Chem.HybridizationType,
    aromatic: bool,
    isotope: int,
) -> int:
    values = {
        "atomic_number": atomic_number,
        "degree": min(degree, 6),
        "charge": min(max(charge + CHARGE_OFFSET, 0), 31),
        "chiral": min(chiral, 4),
        "hydrogens": min(hydrogens, 5),
        "hybridization": _HYBRIDIZATION.get(hybridization, 7),
        "aromatic": int(aromatic),
        "isotope": packed_isotope(atomic_number, isotope),
    }
    return sum(values[name] << field.shift for name, field in ATOM_FIELDS.items())


def _bond(bond: Chem.Bond) -> int:
    return _bond_descriptor(bond.GetBondType(), bond.GetIsConjugated(), bond.IsInRing(), int(bond.GetStereo()))


@lru_cache(maxsize=4096)
def _bond_descriptor(kind: Chem.BondType, conjugated: bool, ring: bool, stereo: int) -> int:
    values = {
        "type": _BOND_TYPE.get(kind, 0),
        "conjugated": int(conjugated),
        "ring": int(ring),
        "stereo": min(stereo, 6),
    }
    return sum(values[name] << field.shift for name, field in BOND_FIELDS.items())
