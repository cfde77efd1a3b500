"""Rows of a chunk that are taken together, where all at once failed or may fail."""

from __future__ import annotations

Block = tuple[int, int]
"""rows of a chunk: start, stop"""
BLOCK_ROWS = 32


def small_blocks(n_rows: int, size: int = BLOCK_ROWS) -> list[Block]:
    """All rows in order, so many a block."""
    return [(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
