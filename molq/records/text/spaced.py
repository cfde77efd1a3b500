"""SMILES files: cells between blanks or tabs, the last one the rest of the line. Only SMILES may be in quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from molq.records.cells import Cells, cells_at, cells_of, trimmed
from molq.records.text.lines import Places, Spans, content_stops

_EXTENSION = re.compile(rb"\|[^|\t]*\|(?=[ \t]|\Z)")
"""of a CXSMILES, after the SMILES and a blank"""
_QUOTED = re.compile(rb'"((?:[^"]|"")*)"(?=\s|\Z)')
_IS_BLANK = np.zeros(256, bool)
_IS_BLANK[list(b" \t\v\f\r\n")] = True


def spaced_cells(data: bytes, spans: Spans, tabs: bool, width: int, smiles: int, wanted: Sequence[int]) -> list[Cells]:
    """The cells of the ``wanted`` columns, between single tabs or any blanks; missing ones are empty.

    A CXSMILES extension, which stands between bars after a SMILES, belongs to it. A SMILES may stand in quotes, as
    none begins with one.
    """
    starts, stops = spans.starts, content_stops(data, spans)
    if not tabs:
        starts, stops = trimmed(data, starts, stops)
        if b"|" in data or b'"' in data:
            return _cells_one_by_one(data, starts, stops, width, smiles, wanted)
    codes = np.frombuffer(data, np.uint8)
    is_mark = codes == 9 if tabs else _IS_BLANK[codes]
    marks = np.flatnonzero(is_mark)
    columns: list[Cells] = [Cells(b"", np.zeros(len(starts) + 1, np.int64))] * width
    at = starts
    for column in range(width):
        end = stops if column == width - 1 else _next(marks, at, stops)
        if column in wanted:
            columns[column] = cells_at(data, *(trimmed(data, at, end) if tabs else (at, end)))
        at = np.minimum(end + 1, stops)
        if not tabs:
            at, _ = trimmed(data, at, stops)
    return [columns[column] for column in wanted]


def split_spaced(line: bytes, tabs: bool, width: int, smiles: int) -> list[bytes]:
    """The cells of one line, ``width`` of them or fewer."""
    if tabs:
        return [cell.strip() for cell in line.split(b"\t", width - 1)]
    cells: list[bytes] = []
    rest = line.strip()
    while rest and len(cells) < width - 1:
        quoted = _QUOTED.match(rest) if len(cells) == smiles else None
        if quoted is not None:
            cell, rest = quoted.group(1).replace(b'""', b'"').strip(), rest[quoted.end() :].strip()
        else:
            cell, rest = _first_word(rest)
        if len(cells) == smiles and (extension := _EXTENSION.match(rest)):
            cell, rest = cell + b" " + extension.group(), rest[extension.end() :].strip()
        cells.append(cell)
    if len(cells) == smiles and (quoted := _QUOTED.fullmatch(rest)):
        rest = quoted.group(1).replace(b'""', b'"').strip()
    return [*cells, rest] if rest else cells


def _first_word(text: bytes) -> tuple[bytes, bytes]:
    """The first word, and the rest."""
    parts = text.split(None, 1)
    return parts[0], parts[1] if len(parts) > 1 else b""


def _next(marks: Places, at: Places, stops: Places) -> Places:
    """The first mark from ``at`` on, or the stop."""
    if not len(marks):
        return stops
    found = np.searchsorted(marks, at)
    return np.where(found < len(marks), np.minimum(marks[np.minimum(found, len(marks) - 1)], stops), stops)


def _cells_one_by_one(
    data: bytes, starts: Places, stops: Places, width: int, smiles: int, wanted: Sequence[int]
) -> list[Cells]:
    columns: list[list[str]] = [[] for _ in wanted]
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        cells = split_spaced(data[start:stop], False, width, smiles)
        for column, at in zip(columns, wanted, strict=True):
            column.append(cells[at].decode() if at < len(cells) else "")
    return [cells_of(column) for column in columns]
