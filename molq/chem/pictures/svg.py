"""A molecule as a small SVG in the colours of the page around it, safe where a page allows no styles but its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.pictures.colouring import MARKED, NOTHING, RADIUS, RING, STEPS, STRONGEST, Colouring, colouring
from molq.chem.pictures.layout import Laid, Point, Size, bond_length, laid_out, places, style
from molq.chem.pictures.paths import TENTHS, Pen

SIZE = (150, 100)
_PATH = re.compile(r"<path( class='[^']*')? d='([^']*)' (?:style='([^']*)'|fill='[^']*')")
_WIDTH = re.compile(r"stroke-width:([\d.]+)")
_DASHES = re.compile(r"stroke-dasharray:([\d.,]+)")


def picture(
    smiles: str,
    *,
    size: Size = SIZE,
    values: Sequence[float] | None = None,
    limit: float | None = None,
    marked: Collection[int] = (),
    like: str | None = None,
) -> str | None:
    """``<svg>`` of ``size`` pixels in ``var(--ink)``; None where there is nothing to draw (``why_no_picture``).

    ``values``, one per atom of MolFromSmiles, colour atoms: discs in ``var(--plus)`` raise, rings in ``var(--minus)``
    lower, at full strength from ``limit`` on. Atoms of ``marked`` lie on ``var(--mark)``. Molecules that hold the
    scaffold ``like`` are laid alike. Raises InputError for another number of values than atoms.
    """
    laid, _ = laid_out(smiles, like)
    if laid is None:
        return None
    coloured = colouring(laid.n_atoms, values, limit, marked)
    with BlockLogs():
        return asked(_drawn, laid, size, coloured)[0]


def why_no_picture(smiles: str) -> str:
    """The reason for which ``picture`` is None; "" where it is not."""
    laid, reason = laid_out(smiles)
    if laid is None:
        return reason or ""
    with BlockLogs():
        return asked(_drawn, laid, SIZE, NOTHING)[1] or ""


def _drawn(laid: Laid, size: Size, coloured: Colouring) -> str:
    drawer = rdMolDraw2D.MolDraw2DSVG(*size)
    style(drawer.drawOptions(), size, discs=coloured != NOTHING)
    drawer.DrawMolecule(laid.mol)
    drawer.FinishDrawing()
    width, height = size
    box = f"width='{width}' height='{height}' viewBox='0 0 {width * TENTHS} {height * TENTHS}'"
    behind = "" if coloured == NOTHING else _behind(laid, places(drawer, laid), coloured)
    return f"<svg xmlns='http://www.w3.org/2000/svg' {box}>{behind}{_ink(drawer.GetDrawingText())}</svg>"


def _ink(text: str) -> str:
    """Bonds and letters of RDKit's drawing."""
    lines: dict[str, Pen] = defaultdict(Pen)
    filled = Pen()
    for bond, path, css in _PATH.findall(text):
        if not css or "fill:none" not in css:
            filled.add(path)
        elif bond:  # what has no class rounds the corner between two bonds, which round ends do too
            lines[_line(css)].add(path)
    strokes = "".join(f"<path {kind} d='{pen.text()}'/>" for kind, pen in lines.items())
    strokes = strokes and f"<g fill='none' stroke='var(--ink)' stroke-linecap='round'>{strokes}</g>"
    return strokes + (f"<path fill='var(--ink)' d='{filled.text()}'/>" if filled else "")


def _line(css: str) -> str:
    width = _WIDTH.search(css)
    dashes = _DASHES.search(css)
    dashed = "".join(f" {float(n) * TENTHS:.0f}" for n in dashes[1].split(",")) if dashes else ""
    return f"stroke-width='{float(width[1]) * TENTHS if width else TENTHS:.0f}'" + (
        f" stroke-dasharray='{dashed.strip()}'" if dashed else ""
    )


def _behind(laid: Laid, at: list[Point], coloured: Colouring) -> str:
    """What lies behind the atoms: marks first, then discs and rings, all of one strength in one path."""
    r = RADIUS * bond_length(laid, at)
    ring = RING * r
    marks = _marks(laid, at, coloured.marked)
    discs: dict[int, Pen] = defaultdict(Pen)
    rings: dict[int, Pen] = defaultdict(Pen)
    for atom, step in coloured.raising.items():
        discs[step].dot(*at[atom])
    for atom, step in coloured.lowering.items():
        rings[step].circle(*at[atom], r - ring / 2)
    return (
        _group("stroke='var(--mark)' fill='none'", 2 * r, {STEPS: marks} if marks else {}, MARKED)
        + _group("stroke='var(--plus)' fill='none'", 2 * r, discs)
        + _group("stroke='var(--minus)' fill='var(--minus)' fill-opacity='.25'", ring, rings)
    )


def _marks(laid: Laid, at: list[Point], marked: frozenset[int]) -> Pen:
    """The marked atoms and the bonds between them."""
    pen = Pen()
    for atom in sorted(marked):
        pen.dot(*at[atom])
    for bond in laid.mol.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if a in marked and b in marked:
            pen.line(*at[a], *at[b])
    return pen


def _group(paint: str, width: float, pens: Mapping[int, Pen], strongest: float = STRONGEST) -> str:
    """Paths of one paint with round ends, one for each strength."""
    paths = "".join(
        f"<path opacity='{strongest * step / STEPS:.2g}' d='{pen.text()}'/>" for step, pen in sorted(pens.items())
    )
    return paths and f"<g {paint} stroke-linecap='round' stroke-width='{width * TENTHS:.0f}'>{paths}</g>"
