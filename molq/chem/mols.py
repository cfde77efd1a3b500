"""RDKit molecules that a caller already holds, as packed graphs."""

from __future__ import annotations

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.packed import PackedGraphs
from molq.chem.rdkit_featurize import pack_mol
from molq.chem.rejection import sanitize_complaint


def is_mol(value: object) -> bool:
    """Whether ``value`` is an RDKit molecule, of which RWMol and its kin are some."""
    return isinstance(value, Chem.Mol)


def graph_of_mol(mol: Chem.Mol, max_atoms: int = 1000) -> PackedGraphs | str:
    """The graph of an RDKit molecule, or the reason why there is none; ``mol`` itself stays as it is.

    A copy is treated as RDKit treats what a SMILES says: sanitized, explicit hydrogens folded in, stereo marks that
    mean nothing taken away. So it does not matter whether ``mol`` was sanitized, has its hydrogens, or has alternating
    bonds in its rings, and the graph is that of the SMILES it came from. Stereo that RDKit was not told to perceive
    (from coordinates, for one) is not perceived here.
    """
    if mol.GetNumHeavyAtoms() > max_atoms:
        return f"{mol.GetNumHeavyAtoms():,} atoms, more than the limit of {max_atoms:,}"
    if mol.GetNumAtoms() == 0:
        return "no atoms"
    if any(atom.HasQuery() for atom in mol.GetAtoms()):
        return "a query, such as a SMARTS pattern, and no molecule"
    with BlockLogs():
        graph, complaint = asked(lambda: pack_mol(_plain(mol)))
    if graph is None:
        return sanitize_complaint(mol) or complaint or "RDKit cannot sanitize this molecule and gives no reason"
    return graph


def _plain(mol: Chem.Mol) -> Chem.Mol:
    plain = Chem.Mol(mol)
    Chem.SanitizeMol(plain)
    if any(atom.GetAtomicNum() == 1 for atom in plain.GetAtoms()):
        plain = Chem.RemoveHs(plain)
    Chem.AssignStereochemistry(plain, cleanIt=True, force=True)
    return plain
