"""One row of a compound library, read or refused."""

from __future__ import annotations

from typing import NamedTuple


class Record(NamedTuple):
    """One row of a library. ``fields`` holds every column of the row, the SMILES column too."""

    row: int
    id: str | None
    smiles: str
    fields: dict[str, str]


class Rejected(NamedTuple):
    """One row that cannot be scored, and why, in a chemist's words."""

    row: int
    smiles: str
    reason: str
