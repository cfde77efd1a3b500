"""Excel workbooks as CSV text: the first sheet that holds anything."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from molq.errors import InputError
from molq.records.csv_lines import csv_line
from molq.records.input.compression import MAX_HELD_BYTES


def sheet_as_csv(file: BinaryIO, name: str) -> tuple[bytes, list[str]]:
    """The first sheet with cells as CSV in UTF-8, and a note when there are more.

    Whole numbers lose the point that Excel gives them; rows without any cell are left out. Raises InputError when there
    is no such sheet, and for one of more than MAX_HELD_BYTES of text.
    """
    import python_calamine as calamine

    text, read, others = b"", "", []
    try:
        workbook = calamine.load_workbook(file)
        for title in workbook.sheet_names:
            rows = _filled(workbook.get_sheet_by_name(title).iter_rows())
            if not read and (text := _csv(rows, name)):
                read = title
            elif read and next(rows, None) is not None:
                others.append(title)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise InputError(f"{name}: not a readable Excel file: {error}") from error
    if not read:
        raise InputError(f"{name}: the workbook is empty")
    not_read = ", ".join(map(repr, others))
    return text, [f"{name}: sheet {read!r} is read; not read: {not_read}"] if others else []


def _filled(rows: Iterator[list[Any]]) -> Iterator[list[str]]:
    for row in rows:
        cells = [_text(value) for value in row]
        if any(cells):
            yield cells


def _csv(rows: Iterator[list[str]], name: str) -> bytes:
    """Of no rows no bytes. Raises InputError for rows that do not fit into memory."""
    held = io.BytesIO()
    for row in rows:
        held.write(csv_line(row).encode())
        if held.tell() > MAX_HELD_BYTES:
            raise InputError(
                f"{name}: its first sheet holds more than {MAX_HELD_BYTES >> 20:,} MiB of text; save it as CSV"
            )
    return held.getvalue()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return "" if value is None else str(value)
