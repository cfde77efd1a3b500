"""Hits as the JSON that the scripts of their page read: columns, drawings, and sketches for SMARTS and mol blocks."""

from __future__ import annotations

from typing import Any

import msgspec
from markupsafe import Markup

from molq.chem.pictures.svg import picture, why_no_picture
from molq.chem.sketch import Sketch, sketch
from molq.report.figures.molecule import scale
from molq.report.terms import BADGES
from molq.report.text.hit_columns import Cell, hit_columns
from molq.results.hits import Hits
from molq.serial import to_json

SIZE = (180, 120)
"""of a drawing, in pixels"""
_NEAREST_DRAWN = 1000
"""hits up to which the nearest molecules of the training set are drawn too: each costs as much as a hit"""
_TITLES = {
    "rank": "Rank",
    "smiles": "SMILES",
    "id": "Name",
    "row": "Row",
    "cluster": "Cluster",
    "cluster_size": "Of its cluster",
    "alerts": "Alerts",
    "verdict": "Belief",
    "similarity": "Similarity",
    "nearest": "Nearest known",
    "unseen_environments": "Unseen atoms",
    "member_spread": "Spread",
    "other_score": "Other score",
    "other_rank": "Other rank",
    "rank_among_considered": "Rank here",
    "mol_weight": "Weight",
    "logp": "logP",
    "tpsa": "TPSA",
    "h_donors": "H donors",
    "h_acceptors": "H acceptors",
    "heavy_atoms": "Heavy atoms",
    "rotatable_bonds": "Rotatable",
    "rings": "Rings",
    "aromatic_rings": "Aromatic rings",
    "formal_charge": "Charge",
    "fraction_sp3": "sp³ share",
    "hetero_atoms": "Heteroatoms",
}
_SHOWN = {"rank", "cluster", "alerts", "verdict", "similarity", "other_score", "other_rank", "mol_weight", "logp"}
"""columns of molq that a table begins with"""
_SCORES_SHOWN = 4


class PageColumn(msgspec.Struct, frozen=True):
    """A column of the table and of what it exports."""

    name: str
    """in exports"""
    title: str
    kind: str
    """number or text"""
    shown: bool
    cells: tuple[Cell, ...]


class Embedded(msgspec.Struct, frozen=True):
    """What a page holds of its molecules, in the order of the hits."""

    columns: list[PageColumn]
    roles: dict[str, int | None]
    """what a script must know → the index of its column"""
    descending: bool
    drawings: list[str | None]
    missing: dict[int, str]
    """why there is no drawing, by hit"""
    sketches: list[Sketch | None]
    nearest: dict[str, str]
    """SMILES of a molecule of the training set → its drawing"""
    words: dict[str, str]
    """what a verdict of belief means"""
    badges: dict[str, str] = msgspec.field(default_factory=lambda: BADGES)

    def to_script(self) -> Markup:
        """JSON that may stand in a script element: no ``<`` of it can end the element."""
        return Markup(to_json(self).decode().replace("<", "\\u003c"))


def embedded(hits: Hits, words: dict[str, str]) -> Embedded:
    """Columns, drawings and sketches of all hits."""
    columns = _columns(hits)
    drawings = drawn(hits)
    return Embedded(
        columns=columns,
        roles=_roles(hits, [column.name for column in columns]),
        descending=hits.descending,
        drawings=drawings,
        missing={i: why_no_picture(h.smiles) for i, h in enumerate(hits.hits) if drawings[i] is None},
        sketches=[sketch(hit.smiles) for hit in hits.hits],
        nearest=_nearest(hits),
        words=words,
    )


def limit_of(hits: Hits) -> float | None:
    """The contribution at full colour, one for the page; None where no hit has contributions."""
    return scale(hit.contributions.atoms for hit in hits.hits if hit.contributions)


def drawn(hits: Hits) -> list[str | None]:
    """The drawing of each hit, coloured where its contributions are known."""
    limit = limit_of(hits)
    found = []
    for hit in hits.hits:
        values = hit.contributions.atoms if hit.contributions else None
        found.append(picture(hit.smiles, size=SIZE, values=values, limit=limit))
    return found


def _columns(hits: Hits) -> list[PageColumn]:
    scores = 0
    found = []
    for column in hit_columns(hits):
        scores += column.is_score
        numbers = [cell for cell in column.cells if cell is not None]
        is_number = not any(isinstance(cell, str) for cell in numbers) and bool(numbers or column.is_score)
        is_shown = scores <= _SCORES_SHOWN if column.is_score else column.name in _SHOWN
        found.append(
            PageColumn(
                name=_encodable(column.name),
                title=_encodable(_TITLES.get(column.name, column.name)),
                kind="number" if is_number else "text",
                shown=is_shown,
                cells=tuple(_encodable(cell) if isinstance(cell, str) else cell for cell in column.cells),
            )
        )
    return found


def _roles(hits: Hits, names: list[str]) -> dict[str, int | None]:
    known = ("rank", "smiles", "id", "alerts", "verdict", "similarity", "nearest", "cluster")
    roles: dict[str, Any] = {name: names.index(name) if name in names else None for name in known}
    # the score that ranks stands after rank, SMILES and id
    return roles | {"score": 2 if roles["id"] is None else 3}


def _nearest(hits: Hits) -> dict[str, str]:
    if len(hits.hits) > _NEAREST_DRAWN:
        return {}
    known = dict.fromkeys(hit.belief.nearest for hit in hits.hits if hit.belief and hit.belief.nearest)
    return {_encodable(smiles): found for smiles in known if (found := picture(smiles, size=SIZE))}


def _encodable(text: str) -> str:
    """The text with lone surrogates as escapes, which no UTF-8 holds."""
    return text.encode("utf-8", "backslashreplace").decode()
