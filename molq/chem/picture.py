"""A molecule as a picture, in the colours of the page around it."""

from __future__ import annotations

import re
from typing import Any

from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule

WIDTH, HEIGHT = 150, 100
_IDLE = re.compile(r"<!--.*?-->|xmlns:\w+='[^']*'|version='[^']*'|baseProfile='[^']*'|xml:space='[^']*'| class='[^']*'")
"""what an SVG inside a page has no use for"""


def picture(smiles: str) -> str | None:
    """``<svg>`` of WIDTH × HEIGHT pixels, in ``var(--ink)`` alone; None where there is nothing to draw."""
    mol = molecule(smiles)
    if mol is None or not mol.GetNumAtoms():
        return None
    with BlockLogs():
        return asked(_drawn, mol)[0]


def _drawn(mol: Chem.Mol) -> str:
    drawer = rdMolDraw2D.MolDraw2DSVG(WIDTH, HEIGHT)
    options: Any = drawer.drawOptions()
    options.clearBackground = False
    options.useBWAtomPalette()
    options.bondLineWidth = 1
    options.padding = 0.06
    options.fixedBondLength = 22
    rdMolDraw2D.PrepareAndDrawMolecule(drawer, mol)
    drawer.FinishDrawing()
    svg = drawer.GetDrawingText()
    drawn = _IDLE.sub("", svg[svg.index("<svg") :].replace("#000000", "var(--ink)"))
    return " ".join(drawn.split())
