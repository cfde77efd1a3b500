"""What travels to a worker and back."""

from __future__ import annotations

from typing import NamedTuple

MAX_RECORD_BYTES = 16 << 20
"""of one row; a file with a larger one is refused"""
MAX_CHUNK_BYTES = 4 << 20
"""of the rows of a chunk, unless it is a single one"""


class Chunk(NamedTuple):
    """Consecutive rows of one source, for a worker to understand."""

    layout: int
    """which source, and so which Layout"""
    first_row: int
    """row of the library, counted over all sources"""
    n_rows: int
    body: bytes
    """raw records; of a table an Arrow stream"""


class ChunkResult(NamedTuple):
    """What a chunk came to. Rows = scored + rejected."""

    n_rows: int
    scored: int
    reasons: dict[str, int]
    """rejection reason → rows"""
    seconds: dict[str, float]
    """stage → time"""
    n_trailing: int
    """scored rows with text after their SMILES"""
    n_audited: int
    """molecules of the fast path that RDKit parsed too"""
    difference: str | None
    """the SMILES of one that RDKit read otherwise"""
    body: bytes
    """rows in the form of the output"""
