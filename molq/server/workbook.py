"""A table as an Excel workbook."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from molq.visible import one_line

MOST_ROWS = 1_048_575
"""that a sheet holds below its header"""
_MOST_CHARACTERS = 32_767
"""of a cell"""


def workbook(batches: Iterable[Any], place: Path | None = None) -> bytes:
    """The bytes of a workbook with the Arrow batches one below the other; written to ``place`` where that is given.

    Text is written as text: no cell becomes a formula, a link or a number. Scores have the digits of their float32.
    """
    from xlsxwriter import Workbook

    held = io.BytesIO()
    options = {
        "constant_memory": True,
        "in_memory": place is None,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(place) if place else held, options) as book:
        book.set_properties({"title": "Scores by molq", "created": datetime(1980, 1, 1)})
        sheet = book.add_worksheet("scores")
        heading = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 50)
        row = 1
        for number, batch in enumerate(batches):
            if number == 0:
                for column, name in enumerate(batch.schema.names):
                    sheet.write_string(0, column, one_line(name), heading)
            for cells in itertools.islice(zip(*(_cells(c) for c in batch.columns), strict=True), MOST_ROWS + 1 - row):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str):
                        sheet.write_string(row, column, one_line(cell)[:_MOST_CHARACTERS])
                    elif cell is not None:
                        sheet.write_number(row, column, cell)
                row += 1
    return held.getvalue()


def _cells(column: Any) -> list[Any]:
    """Text and numbers; a float32 as the float of its shortest decimals."""
    import pyarrow as pa

    if pa.types.is_float32(column.type):
        return [None if text is None else float(text) for text in column.cast(pa.string()).to_pylist()]
    return list(column.to_pylist())
