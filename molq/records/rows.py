"""The rows of a chunk, in columns."""

from __future__ import annotations

from typing import NamedTuple

from molq.records.cells import Cells, joined

SMILES, MOL_BLOCK = "smiles", "molblock"


class SourceRows(NamedTuple):
    """n rows of a source. Those in ``rejected`` are rows too; what their cells hold may be empty."""

    molecules: Cells
    kind: str
    """what the molecules are written as: SMILES or MOL_BLOCK"""
    ids: Cells
    columns: tuple[Cells, ...]
    rejected: dict[int, str]
    """row → reason, in a chemist's words"""


def stacked(parts: list[SourceRows]) -> SourceRows:
    """The rows of all parts of one source, in order; there is at least one."""
    rejected: dict[int, str] = {}
    n_before = 0
    for part in parts:
        rejected |= {n_before + row: reason for row, reason in part.rejected.items()}
        n_before += len(part.molecules)
    return SourceRows(
        joined([part.molecules for part in parts]),
        parts[0].kind,
        joined([part.ids for part in parts]),
        tuple(joined(list(columns)) for columns in zip(*(part.columns for part in parts), strict=True)),
        rejected,
    )
