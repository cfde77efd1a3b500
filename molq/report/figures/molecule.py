"""A molecule as all pages show it: its structure, what it is called, what was found of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from molq.chem.pictures.layout import Size
from molq.chem.pictures.svg import picture, why_no_picture
from molq.visible import one_line

SIZE = (180, 130)
_SHARE = 98
"""per cent of the values of a page that are not cut off by its scale"""


class MoleculeCard(NamedTuple):
    """What the macro ``molecule`` draws."""

    drawing: Markup
    """"" where there is nothing to draw"""
    missing: str
    """why, then"""
    smiles: str
    name: str
    score: str
    facts: tuple[tuple[str, str], ...]
    """names and values; a fact without a value is left out"""
    note: str


def card(
    smiles: str,
    name: str = "",
    score: str = "",
    facts: Iterable[tuple[str, str]] = (),
    *,
    note: str = "",
    size: Size = SIZE,
    values: Sequence[float] | None = None,
    limit: float | None = None,
    marked: Collection[int] = (),
    like: str | None = None,
) -> MoleculeCard:
    """A molecule with its structure drawn as ``picture`` draws it; every text may come from a file."""
    drawn = picture(smiles, size=size, values=values, limit=limit, marked=marked, like=like)
    return MoleculeCard(
        drawing=Markup(drawn or ""),
        missing="" if drawn else why_no_picture(smiles),
        smiles=one_line(smiles),
        name=one_line(name),
        score=one_line(score),
        facts=tuple((one_line(title), one_line(value)) for title, value in facts if value),
        note=one_line(note),
    )


def scale(values: Iterable[Sequence[float]]) -> float | None:
    """One ``limit`` for all pictures of a page: nearly the largest size of a value; None without values."""
    sizes = [abs(number) for numbers in values for number in numbers if np.isfinite(number)]
    return float(np.percentile(sizes, _SHARE)) or None if sizes else None
