"""What travels to a worker and back."""

from __future__ import annotations

import struct
from typing import NamedTuple

ROW_GROUP_SLICE = struct.Struct("<QII")
"""body of a molqlib chunk: row group, first row in it, end row in it"""


class Chunk(NamedTuple):
    """Consecutive rows of one source, for a worker to understand."""

    layout: int
    """which source, and so which Layout"""
    first_row: int
    """row of the library, counted over all sources"""
    n_rows: int
    body: bytes
    """raw records; for Parquet an Arrow stream; for a prepared library a ROW_GROUP_SLICE"""


class ChunkResult(NamedTuple):
    """What a chunk came to. Rows = scored + rejected."""

    n_rows: int
    scored: int
    reasons: dict[str, int]
    """rejection reason → rows"""
    seconds: dict[str, float]
    """stage → time"""
    body: bytes
    """rows in the form of the output"""
