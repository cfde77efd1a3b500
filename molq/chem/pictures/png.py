"""A molecule as a PNG on white, for what cannot show an SVG: cells of Excel, slides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point2D
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.pictures.colouring import MARKED, NOTHING, RADIUS, RING, STEPS, STRONGEST, Colouring, colouring
from molq.chem.pictures.layout import Laid, Point, Size, bond_length, laid_out, places, style

SIZE = (300, 200)
Colour = tuple[float, float, float]
PLUS: Colour = (0xE0 / 255, 0x82 / 255, 0x14 / 255)
MINUS: Colour = (0x2F / 255, 0x6F / 255, 0xB5 / 255)
MARK: Colour = (0xF2 / 255, 0xC2 / 255, 0x30 / 255)
"""those of pages on paper"""


def png(
    smiles: str,
    *,
    size: Size = SIZE,
    values: Sequence[float] | None = None,
    limit: float | None = None,
    marked: Collection[int] = (),
    like: str | None = None,
) -> bytes | None:
    """The bytes of a PNG of ``size`` pixels, black on white, coloured as ``picture`` colours; None where it is None."""
    laid, _ = laid_out(smiles, like)
    if laid is None:
        return None
    coloured = colouring(laid.n_atoms, values, limit, marked)
    with BlockLogs():
        return asked(_drawn, laid, size, coloured)[0]


def _drawn(laid: Laid, size: Size, coloured: Colouring) -> bytes:
    drawer = rdMolDraw2D.MolDraw2DCairo(*size)
    options: Any = drawer.drawOptions()
    style(options, size, discs=coloured != NOTHING)
    options.includeMetadata = False  # it would carry the molecule a second time
    options.clearBackground = True
    drawer.DrawMolecule(laid.mol)
    at, width = places(drawer, laid), drawer.LineWidth()
    drawer.ClearDrawing()
    _behind(drawer, laid, at, coloured)
    drawer.SetLineWidth(width)
    options.clearBackground = False
    drawer.DrawMolecule(laid.mol)
    drawer.FinishDrawing()
    return bytes(drawer.GetDrawingText())


def _behind(drawer: rdMolDraw2D.MolDraw2DCairo, laid: Laid, at: list[Point], coloured: Colouring) -> None:
    r = RADIUS * bond_length(laid, at)
    for bond in laid.mol.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if a in coloured.marked and b in coloured.marked:
            drawer.SetLineWidth(2 * r)
            drawer.SetColour(_mixed(MARK, MARKED))
            drawer.DrawLine(Point2D(*at[a]), Point2D(*at[b]), rawCoords=True)
    for atom in coloured.marked:
        _disc(drawer, at[atom], r, _mixed(MARK, MARKED))
    for atom, step in coloured.raising.items():
        _disc(drawer, at[atom], r, _mixed(PLUS, STRONGEST * step / STEPS))
    for atom, step in coloured.lowering.items():
        strength = STRONGEST * step / STEPS
        _disc(drawer, at[atom], r, _mixed(MINUS, strength))
        _disc(drawer, at[atom], r * (1 - RING), _mixed(MINUS, strength / 4))


def _disc(drawer: rdMolDraw2D.MolDraw2DCairo, at: Point, r: float, colour: Colour) -> None:
    drawer.SetFillPolys(True)
    drawer.SetColour(colour)
    drawer.SetLineWidth(0)
    x, y = at
    drawer.DrawEllipse(Point2D(x - r, y - r), Point2D(x + r, y + r), rawCoords=True)


def _mixed(colour: Colour, strength: float) -> Colour:
    """The colour as it looks on white."""
    r, g, b = (1 - strength * (1 - c) for c in colour)
    return r, g, b
