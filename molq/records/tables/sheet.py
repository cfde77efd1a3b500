"""Excel workbooks as CSV text: the first sheet that holds anything."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any, BinaryIO

from molq.errors import InputError


def sheet_as_csv(file: BinaryIO, name: str) -> tuple[bytes, list[str]]:
    """The first sheet with cells as CSV in UTF-8, and a note when there are more. Raises InputError when there is none.

    Whole numbers lose the point that Excel gives them; rows without any cell are left out.
    """
    import python_calamine as calamine

    try:
        workbook = calamine.load_workbook(file)
        sheets = [(title, workbook.get_sheet_by_name(title).to_python()) for title in workbook.sheet_names]
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise InputError(f"{name}: not a readable Excel file: {error}") from error
    filled = [(title, rows) for title, rows in sheets if any(any(map(_text, row)) for row in rows)]
    if not filled:
        raise InputError(f"{name}: the workbook is empty")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in filled[0][1]:
        cells = [_text(value) for value in row]
        if any(cells):
            writer.writerow(cells)
    others = ", ".join(repr(title) for title, _ in filled[1:])
    notes = [f"{name}: sheet {filled[0][0]!r} is read; not read: {others}"] if others else []
    return text.getvalue().encode(), notes


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return "" if value is None else str(value)
