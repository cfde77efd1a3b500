"""The RDKit molecule of a text, or why RDKit makes none: whatever it raises is a molecule's fault, and ends no work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.recipe import PLAIN, Recipe
from molq.shortage import is_shortage

T = TypeVar("T")
_PLACE = "molq_place"


def molecule(smiles: str, recipe: Recipe = PLAIN) -> Chem.Mol | None:
    """The sanitized molecule, None where RDKit makes none of it, for whatever reason; its messages are not shown.

    Hydrogens that the recipe keeps are its atoms, those that it adds are not yet.
    """
    with BlockLogs():
        if not recipe.keeps_hydrogens:
            return asked(Chem.MolFromSmiles, smiles)[0]
        parameters = Chem.SmilesParserParams()
        parameters.removeHs = False  # type: ignore[assignment]
        return asked(Chem.MolFromSmiles, smiles, parameters)[0]


def asked(question: Callable[..., T], *about: Any) -> tuple[T | None, str | None]:
    """RDKit's answer and None; or None and what it raised instead of an answer, as one line.

    RDKit refuses a molecule with ValueErrors, and with RuntimeErrors where it breaks an invariant of its own; texts
    that are not UTF-8 raise UnicodeErrors. A machine's shortage is no molecule's fault, and passes.
    """
    try:
        return question(*about), None
    except Exception as error:
        if is_shortage(error):
            raise
        message = " ".join(str(error).split()) or type(error).__name__
        return None, message[0].lower() + message[1:]


def own_atoms(smiles: str, recipe: Recipe) -> list[int]:
    """For each atom of the recipe's graph the atom of MolFromSmiles(smiles) that it is, or is a hydrogen of.

    ``smiles`` is one that the recipe has a graph of.
    """
    mol = molecule(smiles, recipe)
    assert mol is not None
    owners = list(range(mol.GetNumAtoms()))
    with BlockLogs():
        if recipe.keeps_hydrogens:
            for atom in mol.GetAtoms():
                atom.SetIntProp(_PLACE, atom.GetIdx())
            kept = {atom.GetIntProp(_PLACE): atom.GetIdx() for atom in Chem.RemoveHs(mol).GetAtoms()}
            owners = [kept[at] if at in kept else kept[_neighbour(mol, at)] for at in owners]
        if recipe.adds_hydrogens:
            whole = Chem.AddHs(mol)
            owners += [owners[_neighbour(whole, at)] for at in range(len(owners), whole.GetNumAtoms())]
    return owners


def _neighbour(mol: Chem.Mol, at: int) -> int:
    """The only one that a hydrogen has."""
    return int(mol.GetAtomWithIdx(at).GetNeighbors()[0].GetIdx())
