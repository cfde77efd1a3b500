"""A table as an Excel workbook."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from molq.visible import one_line

MOST_ROWS = 1_048_575
"""that a sheet holds below its header"""
_MOST_CHARACTERS = 32_767
"""of a cell"""
IMAGE_PIXELS = (150, 100)
"""of the screen"""
SHARPNESS = 2
"""pixels of an image for one of the screen"""


def workbook(
    batches: Iterable[Any],
    place: Path | None = None,
    *,
    images: Sequence[bytes | None] = (),
    images_heading: str = "structure",
) -> bytes:
    """The bytes of a workbook with the Arrow batches one below the other; written to ``place`` where that is given.

    PNG ``images`` of the first rows, SHARPNESS times IMAGE_PIXELS, stand in a first column of their own. Text is
    written as text: no cell becomes a formula, a link or a number. Scores have the digits of their float32.
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
        first = 1 if images else 0
        sheet.freeze_panes(1, first)
        sheet.set_column(first, first, 50)
        if images:
            sheet.set_column_pixels(0, 0, IMAGE_PIXELS[0] + 6)
            sheet.write_string(0, 0, images_heading, heading)
        row = 1
        for number, batch in enumerate(batches):
            if number == 0:
                for column, name in enumerate(batch.schema.names, first):
                    sheet.write_string(0, column, one_line(name), heading)
            for cells in itertools.islice(zip(*(_cells(c) for c in batch.columns), strict=True), MOST_ROWS + 1 - row):
                if row <= len(images) and (image := images[row - 1]):
                    _put(sheet, row, image)
                for column, cell in enumerate(cells, first):
                    if isinstance(cell, str):
                        sheet.write_string(row, column, one_line(cell)[:_MOST_CHARACTERS])
                    elif cell is not None:
                        sheet.write_number(row, column, cell)
                row += 1
    return held.getvalue()


def _put(sheet: Any, row: int, image: bytes) -> None:
    """An image into the first cell of a row."""
    sheet.set_row_pixels(row, IMAGE_PIXELS[1] + 4)
    place = {"x_offset": 3, "y_offset": 2, "x_scale": 1 / SHARPNESS, "y_scale": 1 / SHARPNESS, "object_position": 1}
    sheet.insert_image(row, 0, f"{row}.png", {"image_data": io.BytesIO(image), "decorative": True, **place})


def _cells(column: Any) -> list[Any]:
    """Text and numbers; a float32 as the float of its shortest decimals."""
    import pyarrow as pa

    if pa.types.is_float32(column.type):
        return [None if text is None else float(text) for text in column.cast(pa.string()).to_pylist()]
    return list(column.to_pylist())
