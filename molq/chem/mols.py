"""RDKit molecules that a caller already holds, as packed graphs."""

from __future__ import annotations

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.extras import with_extras_of_mol
from molq.chem.molecule import asked
from molq.chem.packed import PackedGraphs
from molq.chem.rdkit_featurize import pack_mol
from molq.chem.recipe import PLAIN, Recipe
from molq.chem.rejection import sanitize_complaint


def is_mol(value: object) -> bool:
    """Whether ``value`` is an RDKit molecule, of which RWMol and its kin are some."""
    return isinstance(value, Chem.Mol)


def smiles_of_mol(value: object) -> str:
    """A SMILES of an RDKit molecule; "" for anything else, and where RDKit writes none."""
    if not is_mol(value):
        return ""
    with BlockLogs():
        return asked(Chem.MolToSmiles, value)[0] or ""


def graph_of_mol(mol: Chem.Mol, max_atoms: int = 1000, recipe: Recipe = PLAIN) -> PackedGraphs | str:
    """The graph of an RDKit molecule, or the reason why there is none; ``mol`` itself stays as it is.

    A copy is treated as RDKit treats what a SMILES says: sanitized, explicit hydrogens folded in, stereo marks that
    mean nothing taken away. So it does not matter whether ``mol`` was sanitized, has its hydrogens, or has alternating
    bonds in its rings, and the graph is that of the SMILES it came from. To a recipe that keeps the hydrogens that are
    written as atoms, those that are atoms of ``mol`` are written. Stereo that RDKit was not told to perceive
    (from coordinates, for one) is not perceived here. What the recipe wants beside the graph comes with it.
    """
    if mol.GetNumHeavyAtoms() > max_atoms:
        return f"{mol.GetNumHeavyAtoms():,} atoms, more than the limit of {max_atoms:,}"
    if mol.GetNumAtoms() == 0:
        return "no atoms"
    if any(atom.HasQuery() for atom in mol.GetAtoms()):
        return "a query, such as a SMARTS pattern, and no molecule"
    with BlockLogs():
        parsed, complaint = asked(_as_parsed, mol, recipe)
        graph, complaint = (None, complaint) if parsed is None else asked(pack_mol, parsed, recipe)
    if parsed is None or graph is None:
        return sanitize_complaint(mol) or complaint or "RDKit cannot sanitize this molecule and gives no reason"
    return with_extras_of_mol(graph, parsed, recipe)


def _as_parsed(mol: Chem.Mol, recipe: Recipe) -> Chem.Mol:
    parsed = Chem.Mol(mol)
    Chem.SanitizeMol(parsed)
    if not recipe.keeps_hydrogens and any(atom.GetAtomicNum() == 1 for atom in parsed.GetAtoms()):
        parsed = Chem.RemoveHs(parsed)
    Chem.AssignStereochemistry(parsed, cleanIt=True, force=True)
    return parsed
