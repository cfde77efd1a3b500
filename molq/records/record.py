"""One row that was refused."""

from __future__ import annotations

from typing import NamedTuple


class Rejected(NamedTuple):
    """One row that cannot be scored, and why, in a chemist's words."""

    row: int
    smiles: str
    reason: str
