"""Hits as CSV: every field of every hit."""

from __future__ import annotations

import csv
import io

from molq.report.text.hit_columns import Cell, hit_columns
from molq.results.hits import Hits


def hits_csv(hits: Hits) -> bytes:
    """UTF-8 text, a line for each hit; numbers are the shortest decimals that give the same number back."""
    columns = hit_columns(hits)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_text(cell) for cell in row] for row in zip(*(column.cells for column in columns), strict=True))
    return file.getvalue().encode("utf-8", "backslashreplace")


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
