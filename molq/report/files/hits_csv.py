"""Hits as CSV: every field of every hit."""

from __future__ import annotations

from molq.records.csv_lines import csv_line
from molq.report.text.hit_columns import hit_columns
from molq.results.hits import Hits


def hits_csv(hits: Hits) -> bytes:
    """UTF-8 text, a line for each hit; numbers are the shortest decimals that give the same number back."""
    columns = hit_columns(hits)
    lines = [[column.name for column in columns], *zip(*(column.cells for column in columns), strict=True)]
    return "".join(map(csv_line, lines)).encode("utf-8", "backslashreplace")
