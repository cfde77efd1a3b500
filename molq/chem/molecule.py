"""The RDKit molecule of a text, or why RDKit makes none: whatever it raises is a molecule's fault, and ends no work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.recipe import PLAIN, Recipe
from molq.shortage import is_shortage

T = TypeVar("T")


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
