"""A molecule with coordinates, ready to be drawn, or why there is nothing to draw."""

from __future__ import annotations

from functools import lru_cache
from statistics import median
from typing import Any, NamedTuple

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule

MAX_ATOMS = 200
"""beyond it a drawing takes long and shows nothing"""
Size = tuple[int, int]
Point = tuple[float, float]
_BOND_PX, _FONT_PX = 22, 150
"""length of a bond where there is room; the width of a picture in which its lines are one pixel wide"""


class Laid(NamedTuple):
    """A molecule with coordinates; the hydrogens that a drawing needs follow its ``n_atoms`` own."""

    mol: Chem.Mol
    n_atoms: int


def laid_out(smiles: str, like: str | None = None) -> tuple[Laid | None, str | None]:
    """The molecule, its atoms in the order of MolFromSmiles, and None; or None and the reason.

    Where the molecule holds ``like``, a SMILES, that part lies in the same way in all pictures.
    """
    mol = molecule(smiles)
    if mol is None:
        return None, "not a molecule that RDKit can read"
    if not mol.GetNumAtoms():
        return None, "no atoms"
    if mol.GetNumAtoms() > MAX_ATOMS:
        return None, f"{mol.GetNumAtoms():,} atoms, more than a picture can show ({MAX_ATOMS})"
    with BlockLogs():
        return asked(_prepared, mol, like)


def style(options: Any, size: Size, *, discs: bool) -> None:
    """Sets RDKit's drawing options: one colour, no ground, lines that grow with the picture, room for ``discs``."""
    times = size[0] / _FONT_PX
    options.clearBackground = False
    options.prepareMolsBeforeDrawing = False
    options.useBWAtomPalette()
    options.bondLineWidth = max(1.0, times**0.5)
    options.padding = 0.1 if discs else 0.06
    options.fixedBondLength = _BOND_PX * times


def places(drawer: rdMolDraw2D.MolDraw2D, laid: Laid) -> list[Point]:
    """Where each atom lies, in pixels, once it is drawn."""
    found = (drawer.GetDrawCoords(atom) for atom in range(laid.mol.GetNumAtoms()))
    return [(point.x, point.y) for point in found]


def bond_length(laid: Laid, at: list[Point]) -> float:
    """The usual length of a bond in pixels."""
    ends = [(at[b.GetBeginAtomIdx()], at[b.GetEndAtomIdx()]) for b in laid.mol.GetBonds()]
    return median(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 for (ax, ay), (bx, by) in ends) if ends else _BOND_PX


def _prepared(mol: Chem.Mol, like: str | None) -> Laid:
    pattern = None if like is None else _template(like)
    if pattern is not None and mol.HasSubstructMatch(pattern):
        rdDepictor.GenerateDepictionMatching2DStructure(mol, pattern)
    return Laid(rdMolDraw2D.PrepareMolForDrawing(mol), mol.GetNumAtoms())


@lru_cache(256)
def _template(smiles: str) -> Chem.Mol | None:
    mol = molecule(smiles)
    if mol is None or not mol.GetNumAtoms():
        return None
    rdDepictor.Compute2DCoords(mol)
    return mol
