"""Rows of .csv and .tsv libraries."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from molq.errors import InputError
from molq.records.columns import distinct_names, id_position, smiles_position
from molq.records.record import Record, Rejected
from molq.records.textfile import is_text

_END = "\0end of file"
"""a last line of our own: whoever finds more in its row has met an open quote"""


def read_delimited(
    lines: Iterable[str], delimiter: str, name: str, smiles_column: str | None, id_column: str | None
) -> Iterator[Record | Rejected]:
    """One item per row after the header; blank lines are left out. A row that cannot be trusted is rejected alone.

    Raises InputError without a usable header, and for a quote that never closes (it would swallow rows).
    """
    reader = _fields(lines, delimiter, name)
    header = next(reader, None)
    if header is None or isinstance(header, str):
        raise InputError(f"{name}: no header: {header or 'the file is empty'}")
    columns = distinct_names(header)
    if not is_text("".join(columns)):
        raise InputError(f"{name}: the header is not UTF-8 text")
    smiles_at = smiles_position(columns, smiles_column, name)
    id_at = id_position(columns, id_column, name)
    width = len(columns)
    for row, fields in enumerate(reader):
        if isinstance(fields, str):
            yield Rejected(row, "", fields)
            continue
        if len(fields) != width and (len(fields) < width or any(fields[width:])):
            smiles = fields[smiles_at] if smiles_at < len(fields) else ""
            yield Rejected(row, smiles, f"{_counted(fields)} where the header has {width}")
            continue
        text = "".join(fields)
        if "\0" in text:
            yield Rejected(row, fields[smiles_at], "the row holds a NUL byte")
        elif not (text.isascii() or is_text(text)):
            yield Rejected(row, fields[smiles_at], "the row is not UTF-8 text")
        else:
            identifier = None if id_at is None else fields[id_at]
            yield Record(row, identifier, fields[smiles_at].strip(), dict(zip(columns, fields, strict=False)))


def _fields(lines: Iterable[str], delimiter: str, name: str) -> Iterator[list[str] | str]:
    """The fields of each row that is not blank, or what is wrong with it."""
    reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
    while True:
        first_line = reader.line_num + 1
        try:
            fields = next(reader)
        except csv.Error as error:
            if reader.line_num > first_line:
                raise InputError(_open_quote(name, first_line)) from error
            yield f"unreadable row: {error}"
            continue
        if not fields or (len(fields) == 1 and fields[0].isspace()):
            continue
        if fields[-1].endswith(_END):
            if fields == [_END]:
                return
            raise InputError(_open_quote(name, first_line))
        yield fields


def _open_quote(name: str, line: int) -> str:
    return f"{name}: line {line} opens a quoted field that is not closed"


def _counted(fields: list[str]) -> str:
    n_breaks = sum(field.count("\n") for field in fields)
    counted = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
    return f"{counted} ({n_breaks + 1} lines, in quotes)" if n_breaks else counted
