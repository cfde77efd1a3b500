"""The molecules that a quantized model moves, as cards: both scores, both ranks, the measured value."""

from __future__ import annotations

from collections.abc import Sequence

from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import decimal, short, signed
from molq.results.changes import ScoreChange

_ACTIVE = {0.0: "inactive", 1.0: "active"}


def change_cards(
    changes: Sequence[ScoreChange], scheme: str, kind: str, *, n_columns: int | None = None
) -> list[MoleculeCard]:
    """A card for each; the task is named where there are several, by default where they name several."""
    several = (len({change.column for change in changes}) if n_columns is None else n_columns) > 1
    return [
        card(
            change.smiles,
            name=change.column if several else "",
            score=signed(change.change),
            facts=[
                ("fp32", decimal(change.reference, 4)),
                (scheme, decimal(change.score, 4)),
                ("rank", f"{change.reference_rank:,} → {change.rank:,}"),
                ("measured", _measured(change.label, kind)),
            ],
        )
        for change in changes
    ]


def moved_most(changes: Sequence[ScoreChange]) -> str:
    """The largest change in words; "" where nothing moved."""
    if not changes:
        return ""
    first = changes[0]
    return f"{decimal(first.reference, 4)} became {decimal(first.score, 4)}"


def _measured(label: float | None, kind: str) -> str:
    if label is None:
        return ""
    return short(label) if kind == "regression" else _ACTIVE.get(label, short(label))
