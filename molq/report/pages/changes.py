"""The molecules that a quantized model moves, as cards: both scores, both ranks, the measured value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import decimal, short, signed
from molq.results.changes import ScoreChange

_ACTIVE = {0.0: "inactive", 1.0: "active"}


def change_cards(
    changes: Iterable[ScoreChange], scheme: str, kind: str, *, n_columns: int = 1, reference: str = "fp32"
) -> list[MoleculeCard]:
    """A card for each; the task is named where there are several. ``kind`` is classification or regression."""
    return [
        card(
            change.smiles,
            name=change.column if n_columns > 1 else "",
            score=signed(change.change),
            facts=[
                (reference, decimal(change.reference, 4)),
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
    return _ACTIVE.get(label, short(label)) if kind == "classification" else short(label)
