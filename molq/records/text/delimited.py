"""Delimited text: records cut and cells found as the csv module does, over whole chunks at a time.

Where every quote opens a cell or closes one, which it does in a sound file, quotes are counted: a delimiter or line end
after an even number of them stands outside. From the first quote that is neither, records are matched one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from molq.records.cells import Cells, cells_at, cells_of
from molq.records.text.lines import (
    Places,
    Spans,
    content_stops,
    line_ends,
    line_spans,
    not_blank,
    spans_between,
)

_QUOTE = 34


class Dialect(NamedTuple):
    """How a delimited text is written."""

    delimiter: str
    quoted: bool
    """whether a cell may stand in double quotes"""

    @property
    def mark(self) -> bytes:
        return self.delimiter.encode()


def delimited_spans(data: bytes, dialect: Dialect, final: bool) -> Spans:
    """The complete records of ``data``, which begins with one; blank lines are left out.

    A record whose quote is still open at the end is not complete, even where the text is ``final``.
    """
    if not dialect.quoted or b'"' not in data:
        return line_spans(data, final, dialect.mark)
    ends = line_ends(data, final)
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    fault = _first_fault(data, quotes, dialect, final)
    if fault is None:
        return not_blank(data, spans_between(outside), dialect.mark)
    sound = outside[outside <= fault]
    start = int(sound[-1]) if len(sound) else 0
    matched = _matched_ends(data, start, dialect, final)
    return not_blank(data, spans_between(np.concatenate([sound, np.array(matched, np.int64)])), dialect.mark)


def delimited_cells(
    data: bytes, spans: Spans, dialect: Dialect, width: int, wanted: Sequence[int]
) -> tuple[list[Cells], dict[int, str]]:
    """The cells of the ``wanted`` columns, and the records that are refused, with the reason: their cells may be empty.

    The first of ``wanted`` is the SMILES column.
    A record of another number of cells than ``width`` is refused, but for surplus cells that are empty.
    """
    stops = content_stops(data, spans)
    if dialect.quoted and b'"' in data:
        quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
        if _first_fault(data, quotes, dialect, True) is not None or len(quotes) % 2:
            return _cells_one_by_one(data, spans, stops, dialect, width, wanted)
        return _cells_in_quotes(data, spans, stops, quotes, dialect, width, wanted)
    marks = np.flatnonzero(np.frombuffer(data, np.uint8) == ord(dialect.delimiter))
    starts_of, stops_of, refused = _bounds(spans.starts, stops, marks, width, wanted)
    _refuse(refused, data, spans.starts, stops, dialect, width)
    return [cells_at(data, a, b) for a, b in zip(starts_of, stops_of, strict=True)], refused


def split_record(record: bytes, dialect: Dialect) -> list[bytes]:
    """The cells of one record, which may have its line end."""
    if not dialect.quoted:
        return _unended(record).split(dialect.mark)
    cells, at, cell = [], 0, _patterns(dialect.delimiter).cell
    record = _unended(record)
    while True:
        found = cell.match(record, at)
        assert found is not None
        inner, rest = found.group(1), found.group(2)
        cells.append(rest if inner is None else inner.replace(b'""', b'"') + rest)
        at = found.end()
        if at >= len(record):
            return cells
        at += 1


class _Patterns(NamedTuple):
    cell: re.Pattern[bytes]
    record: re.Pattern[bytes]
    last_record: re.Pattern[bytes]


@cache
def _patterns(delimiter: str) -> _Patterns:
    mark = re.escape(delimiter).encode()
    inner = rb'[^"]*+(?:""[^"]*+)*+'
    plain = rb"[^" + mark + rb"\r\n]*+"
    # a quote that is not at the start of its cell is a letter like any other, as in the csv module
    cell = rb'(?:"' + inner + rb'"' + plain + rb'|(?!")' + plain + rb")"
    record = cell + rb"(?:" + mark + cell + rb")*+"
    open_cell = rb'(?:"(' + inner + rb')"?|(?!"))([^' + mark + rb"]*+)"
    return _Patterns(
        re.compile(open_cell),
        re.compile(record + rb"(?:\r\n|\n|\r(?=[^\n]))"),
        re.compile(record + rb"(?:\r\n|\n|\r|\Z)"),
    )


def _matched_ends(data: bytes, start: int, dialect: Dialect, final: bool) -> list[int]:
    patterns = _patterns(dialect.delimiter)
    match = (patterns.last_record if final else patterns.record).match
    ends: list[int] = []
    while start < len(data):
        found = match(data, start)
        if found is None:
            break
        start = found.end()
        ends.append(start)
    return ends


def _first_fault(data: bytes, quotes: Places, dialect: Dialect, final: bool) -> int | None:
    """The first quote that neither opens a cell nor closes one nor stands doubled inside one."""
    codes = np.frombuffer(data, np.uint8)
    boundary = np.zeros(256, bool)
    boundary[[10, 13, ord(dialect.delimiter)]] = True
    opening, closing = quotes[::2], quotes[1::2]
    doubled = closing[: len(opening[1:])] + 1 == opening[1:]  # [k] pair k, k + 1 is one quote inside a cell
    sound_opening = (opening == 0) | boundary[codes[opening - 1]]
    sound_opening[1:] |= doubled
    sound_closing = closing + 1 == len(codes) if final else np.zeros(len(closing), bool)
    inner = closing + 1 < len(codes)
    sound_closing[inner] |= boundary[codes[closing[inner] + 1]]
    sound_closing[: len(doubled)] |= doubled
    if not final and len(closing) and closing[-1] + 1 == len(codes):
        sound_closing[-1] = True  # what follows is not known yet, and its record is not complete
    faults = [*opening[~sound_opening][:1].tolist(), *closing[~sound_closing][:1].tolist()]
    return min(faults) if faults else None


def _bounds(
    starts: Places, stops: Places, marks: Places, width: int, wanted: Sequence[int]
) -> tuple[list[Places], list[Places], dict[int, str]]:
    """Where each wanted cell starts and stops, by the delimiters at ``marks``; records of another width are named."""
    first, last = np.searchsorted(marks, starts), np.searchsorted(marks, stops)
    n_cells = last - first + 1
    odd = np.flatnonzero(n_cells != width)
    refused = dict.fromkeys(odd.tolist(), "")
    fenced = np.append(marks, 0)  # so that a place after the last delimiter can be asked for
    starts_of, stops_of = [], []
    for column in wanted:
        has = n_cells > column
        begin = starts if column == 0 else fenced[np.minimum(first + column - 1, len(marks))] + 1
        end = np.where(n_cells - 1 > column, fenced[np.minimum(first + column, len(marks))], stops)
        starts_of.append(np.where(has, begin, starts))
        stops_of.append(np.where(has, end, starts))
    return starts_of, stops_of, refused


def _cells_in_quotes(
    data: bytes, spans: Spans, stops: Places, quotes: Places, dialect: Dialect, width: int, wanted: Sequence[int]
) -> tuple[list[Cells], dict[int, str]]:
    codes = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero(codes == ord(dialect.delimiter))
    marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    starts_of, stops_of, refused = _bounds(spans.starts, stops, marks, width, wanted)
    _refuse(refused, data, spans.starts, stops, dialect, width)
    breaks = np.flatnonzero((codes == 10) | (codes == 13))
    for row in np.flatnonzero(np.searchsorted(breaks, spans.starts) < np.searchsorted(breaks, stops)).tolist():
        cells = split_record(data[spans.starts[row] : stops[row]], dialect)
        reason = _swallowing(cells, dialect, width, wanted[0])
        if reason is not None:
            refused.setdefault(row, reason)
    second = quotes[1::2][: len(quotes[2::2])] + 1
    second = second[second == quotes[2::2]]  # of each doubled quote, the one to take out
    plain = np.delete(codes, second).tobytes() if len(second) else data
    columns = []
    for begin, end in zip(starts_of, stops_of, strict=True):
        in_quotes = (end > begin) & (codes[np.minimum(begin, len(codes) - 1)] == _QUOTE)
        begin, end = begin + in_quotes, end - in_quotes
        columns.append(cells_at(plain, begin - np.searchsorted(second, begin), end - np.searchsorted(second, end)))
    return columns, refused


def _cells_one_by_one(
    data: bytes, spans: Spans, stops: Places, dialect: Dialect, width: int, wanted: Sequence[int]
) -> tuple[list[Cells], dict[int, str]]:
    columns: list[list[str]] = [[] for _ in wanted]
    refused: dict[int, str] = {}
    for row, (start, stop) in enumerate(zip(spans.starts.tolist(), stops.tolist(), strict=True)):
        cells = split_record(data[start:stop], dialect)
        reason = _wrong_width(cells, width) or _swallowing(cells, dialect, width, wanted[0])
        if reason is not None:
            refused[row] = reason
        for column, at in zip(columns, wanted, strict=True):
            column.append(cells[at].decode() if at < len(cells) else "")
    return [cells_of(column) for column in columns], refused


def _refuse(refused: dict[int, str], data: bytes, starts: Places, stops: Places, dialect: Dialect, width: int) -> None:
    """Says why the records named are refused; those whose surplus cells are empty are not."""
    for row in list(refused):
        reason = _wrong_width(split_record(data[starts[row] : stops[row]], dialect), width)
        if reason is None:
            del refused[row]
        else:
            refused[row] = reason


def _wrong_width(cells: Sequence[bytes], width: int) -> str | None:
    if len(cells) == width or (len(cells) > width and not any(cells[width:])):
        return None
    n_breaks = sum(cell.count(b"\n") or cell.count(b"\r") for cell in cells)
    counted = "1 field" if len(cells) == 1 else f"{len(cells)} fields"
    spread = f" ({n_breaks + 1} lines, in quotes)" if n_breaks else ""
    return f"{counted}{spread} where the header has {width}"


def _swallowing(cells: Sequence[bytes], dialect: Dialect, width: int, smiles: int) -> str | None:
    """Why a record is refused whose quoted cell looks as if it had swallowed rows: between two stray quotes.

    Its lines hold as many delimiters as rows would, and what would be their SMILES holds no blank.
    """
    if width < 2:
        return None
    for at, cell in enumerate(cells[:width]):
        lines = [line.split(dialect.mark) for line in re.split(rb"\r\n|\n|\r", cell)]
        widths = [len(line) - 1 for line in lines]
        if len(lines) < 2 or widths != [width - 1 - at, *[width - 1] * (len(lines) - 2), at]:
            continue
        swallowed = [line[smiles] for line in lines[1:] if smiles < len(line)] or [lines[0][smiles - at]]
        if all(text and not re.search(rb"\s", text) for text in swallowed):
            return f"a cell in quotes spans {len(lines)} lines that read as rows of their own: is a quote astray?"
    return None


def _unended(record: bytes) -> bytes:
    if record.endswith(b"\n"):
        record = record[:-1]
    return record[:-1] if record.endswith(b"\r") else record


def record_count(data: bytes, dialect: Dialect) -> int:
    """The records of ``data`` that are not blank, matched one after the other."""
    pattern = _patterns(dialect.delimiter).last_record
    count = at = 0
    while at < len(data):
        found = pattern.match(data, at)
        if found is None:
            break
        record = found.group()
        count += bool(record.strip()) or dialect.mark in record
        at = found.end()
    return count
