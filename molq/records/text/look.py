"""A text looked at before it is read: its dialect, its header, its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from molq.errors import InputError
from molq.records.choice import (
    LOOK_ROWS,
    ColumnChoice,
    Judge,
    NoSmilesError,
    Sample,
    Wanted,
    choose,
    is_header,
    position_name,
)
from molq.records.chunk import MAX_RECORD_BYTES
from molq.records.encoding import text_of
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream
from molq.records.layout import Layout
from molq.records.names import named_position, smiles_rank
from molq.records.text.delimited import Dialect, delimited_spans, split_record
from molq.records.text.lines import BLANKS, line_ends, line_spans
from molq.records.text.spaced import split_spaced

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_SEPARATOR = re.compile(rb"\s*\"?sep=(.)\"?\s*\Z", re.IGNORECASE)
_DELIMITERS = (",", "\t", ";", "|")
_STEP_BYTES = 1 << 16
_ENOUGH_BYTES = 4 << 20
_LARGE_BYTES = 16 << 20
_MOST_BYTES = 64 << 20
_SAMPLE_BYTES = 8 << 20
"""of the first rows; of a table so wide that they hold more, fewer are looked at"""
_LINE_BYTES = 1 << 20
_FEW_LINES = 12
MAX_COLUMNS = 1_000_000
_MAX_COMMENTS = 10_000
_CONSISTENT = 0.8
_HALF, _FEW = 0.5, 0.1
_NUMBER = re.compile(rb"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?\Z")
_EXTENSION = re.compile(rb" \|[^|]*\|(?=\s|\Z)")
_SHOWN = 60


@dataclass(frozen=True)
class Look:
    """What a look has found: the layout, where the first row begins, and what a user should know."""

    layout: Layout
    start: int
    """bytes before the first row"""
    notes: list[str]
    example: str
    """how the first row begins"""


@dataclass(frozen=True)
class _Head:
    """The first lines of a text, without what stands before its header or first row: 4 MiB, or two lines if longer."""

    data: bytes
    start: int
    """bytes that were left away"""
    final: bool
    """whether this is all of the text"""
    delimiter: str | None
    """as a ``sep=`` line says"""
    notes: list[str]

    def lines(self) -> list[bytes]:
        """How each begins."""
        spans = line_spans(self.data, self.final, b"\t")
        places = zip(spans.starts[: LOOK_ROWS + 1], spans.stops[: LOOK_ROWS + 1], strict=True)
        return [self.data[a : min(b, a + _LINE_BYTES)] for a, b in places]


@dataclass(frozen=True)
class _Reading:
    """A dialect that a text may be of, and what its first rows are in it."""

    dialect: Dialect | None
    """None for spaced cells"""
    rows: list[list[str]]
    tabs: bool = False
    choice: ColumnChoice | None = None
    agreement: float = 1.0
    """share of rows that have as many cells as the first"""

    @property
    def width(self) -> int:
        return len(self.rows[0])


def look_at_text(stream: ByteStream, source: Source, wanted: Wanted, judge: Judge) -> Look:
    """The layout of a text of rows. Raises InputError when it is empty or its SMILES cannot be told."""
    head = _head(stream, source, wanted)
    reading = _reading(head, source, wanted, judge)
    choice = reading.choice
    assert choice is not None
    layout = Layout(
        source.name,
        "spaced" if reading.dialect is None else "delimited",
        choice.smiles,
        choice.id,
        choice.columns,
        width=len(choice.names),
        delimiter=("\t" if reading.tabs else "") if reading.dialect is None else reading.dialect.delimiter,
        quoted=reading.dialect is not None and reading.dialect.quoted,
        header=choice.names[choice.smiles] if choice.has_header else None,
        column_names=wanted.columns,
        has_id=choice.id is not None,
        names=tuple(choice.names),
    )
    rows = reading.rows[1:] if choice.has_header else reading.rows
    example = " ".join(rows[0])[:_SHOWN] if rows else ""
    start = head.start + (_first_record(head, reading) if choice.has_header else 0)
    return Look(layout, start, [*head.notes, *choice.notes], example)


def _head(stream: ByteStream, source: Source, wanted: Wanted) -> _Head:
    data, final = _first_bytes(stream)
    at, delimiter, n_comments = _after_blank_lines(data), None, 0
    while at < len(data) and n_comments <= _MAX_COMMENTS:
        found = _LINE.match(data, at)
        assert found is not None
        line = found.group()
        if separator := _SEPARATOR.match(line):
            delimiter = separator[1].decode("latin-1")
        elif line.startswith(b"#") and not _is_hash_header(line, wanted):
            n_comments += 1
        elif line.strip(BLANKS):
            break
        at = found.end()
    if at >= len(data) and final:
        raise InputError(f"{source.name}: the file is empty")
    if n_comments > _MAX_COMMENTS:
        raise InputError(f"{source.name}: it begins with more than {_MAX_COMMENTS:,} lines of comments; take them out")
    if at >= len(data):
        raise InputError(f"{source.name}: it begins with {len(data) >> 20} MiB of blank lines; take them out")
    ends = line_ends(data[at : at + MAX_RECORD_BYTES + 2], final)
    if not len(ends) or ends[0] > MAX_RECORD_BYTES + 1:
        number = data.count(b"\n", 0, at) + 1
        raise InputError(f"{source.name}: line {number} is longer than {MAX_RECORD_BYTES >> 20} MiB")
    notes = [f"{source.name}: {n_comments} comment lines before the first row are left out"] if n_comments else []
    return _Head(data[at:], at, final, delimiter, notes)


def _after_blank_lines(data: bytes) -> int:
    """Where the first line begins that is not blank, or the end."""
    blank = len(data) - len(data.lstrip(BLANKS))
    return blank if blank == len(data) else max(data.rfind(end, 0, blank) for end in (b"\n", b"\r")) + 1


def _first_bytes(stream: ByteStream) -> tuple[bytes, bool]:
    n_bytes = _STEP_BYTES
    while True:
        data = stream.peek(n_bytes)
        if len(data) < n_bytes:
            return data, True
        text = data.lstrip(BLANKS)
        n_lines = text.count(b"\n") or text.count(b"\r")
        few = _FEW_LINES if n_bytes < _LARGE_BYTES else 2
        if n_lines > LOOK_ROWS or n_bytes >= _MOST_BYTES or (n_bytes >= _ENOUGH_BYTES and n_lines >= few):
            return data, False
        n_bytes *= 4 if n_bytes < _LARGE_BYTES else 2


def _is_hash_header(line: bytes, wanted: Wanted) -> bool:
    text = text_of(line).strip()
    cells = [cell for mark in (*_DELIMITERS, None) for cell in text.split(mark)]
    return any(smiles_rank(cell) is not None for cell in cells) or is_header(cells, wanted)


def _reading(head: _Head, source: Source, wanted: Wanted, judge: Judge) -> _Reading:
    """The dialect in which the first rows make sense, with its columns."""
    tables = _tables(head, source)
    headed = [
        table
        for table in tables
        if is_header(table.rows[0], wanted) and (table.width > 1 or _is_one_name_of_words(table))
    ]
    if not tables and (source.format in ("csv", "tsv") or head.delimiter is not None):
        raise InputError(f"{source.name}: the header opens a quoted field that is not closed")
    if headed or source.format in ("csv", "tsv") or head.delimiter is not None:
        return _chosen(max(headed or tables, key=lambda table: (table.width, table.agreement)), source, wanted, judge)
    no_smiles: NoSmilesError | None = None
    even = [table for table in tables if table.width > 1 and table.agreement >= _CONSISTENT and not _has_bars(table)]
    for table in sorted(even, key=lambda table: (table.agreement, table.width), reverse=True):
        try:
            chosen = _chosen(table, source, wanted, judge)
        except NoSmilesError as error:
            no_smiles = no_smiles or error
            continue
        assert chosen.choice is not None
        headless_tabs = table.dialect == Dialect("\t", False) and not chosen.choice.has_header
        return _spaced(head, source, wanted, judge, table.width) if headless_tabs else chosen
    spaced = _spaced(head, source, wanted, judge)
    assert spaced.choice is not None
    if source.format == "smi" or wanted.smiles_column is not None or spaced.choice.has_header:
        return spaced
    share = Sample(spaced.rows, judge).share(spaced.choice.smiles)
    if no_smiles is not None and share < _CONSISTENT:
        raise no_smiles
    if share == 0 or (share < _FEW and len(spaced.rows) >= _FEW_LINES):
        begins = text_of(head.lines()[0]).strip()[:_SHOWN]
        raise NoSmilesError(
            f"{source.name}: no column holds SMILES; it begins {begins!r}."
            " Say which column does with `smiles_column`, or what the file is with `format`"
        )
    return spaced


def _is_one_name_of_words(table: _Reading) -> bool:
    """Whether a header of several words, such as Canonical SMILES, names a single column: its cells are one word."""
    return " " in table.rows[0][0].strip() and all(
        len(_EXTENSION.sub(b"", row[0].encode()).split()) < 2 for row in table.rows[1:]
    )


def _has_bars(table: _Reading) -> bool:
    """Whether bars would separate the cells: they are believed only where a header names SMILES (see CXSMILES)."""
    return table.dialect is not None and table.dialect.delimiter == "|"


def _chosen(table: _Reading, source: Source, wanted: Wanted, judge: Judge) -> _Reading:
    return replace(table, choice=choose(Sample(table.rows, judge), wanted, source.name))


def _tables(head: _Head, source: Source) -> list[_Reading]:
    """The first rows in each delimited dialect that may be meant."""
    delimiters: Sequence[str] = (
        (head.delimiter,) if head.delimiter else ("\t",) if source.format == "tsv" else _DELIMITERS
    )
    tables = []
    for delimiter in delimiters:
        table = _delimited(head, Dialect(delimiter, True), source)
        if delimiter == "\t" and not _is_quoted(plain := _delimited(head, Dialect(delimiter, False), source), table):
            table = plain
        tables.append(table)
    return [table for table in tables if table.rows]


def _delimited(head: _Head, dialect: Dialect, source: Source) -> _Reading:
    spans = delimited_spans(head.data, dialect, head.final)
    starts, stops = spans.starts[: LOOK_ROWS + 1], spans.stops[: LOOK_ROWS + 1]
    n_rows = max(_FEW_LINES, int(np.searchsorted(stops, _SAMPLE_BYTES)))
    records = [head.data[a:b] for a, b in zip(starts[:n_rows], stops[:n_rows], strict=True)]
    if records and (n_marks := records[0].count(dialect.mark)) >= MAX_COLUMNS:
        raise InputError(
            f"{source.name}: its header has {n_marks + 1:,} cells, and a table may have {MAX_COLUMNS:,} columns at most"
        )
    records = [record for record in records if record.count(dialect.mark) < MAX_COLUMNS]
    rows = [[text_of(cell) for cell in split_record(record, dialect)] for record in records]
    even = [len(row) == len(rows[0]) or (len(row) > len(rows[0]) and not any(row[len(rows[0]) :])) for row in rows[1:]]
    return _Reading(dialect, rows, agreement=sum(even) / len(even) if even else 1.0)


def _is_quoted(plain: _Reading, quoted: _Reading) -> bool:
    """Whether a tab-separated text sets cells in quotes; else a quote is a letter, as in the names of compounds."""
    opened = [cell for row in plain.rows for cell in row if cell.startswith('"')]
    if not opened or not quoted.rows:
        return False
    if all(cell.startswith('"') for cell in plain.rows[0]) or quoted.agreement > plain.agreement:
        return True
    return all(len(cell) > 1 and cell.endswith('"') for cell in opened)


def _spaced(head: _Head, source: Source, wanted: Wanted, judge: Judge, tab_width: int | None = None) -> _Reading:
    """The first lines as SMILES, blanks and a name; as cells between tabs where ``tab_width`` says how many."""
    lines = [text_of(line).encode() for line in head.lines()]
    tabs = tab_width is not None
    words = [text_of(word) for word in lines[0].split()]
    has_header = not tabs and is_header(words, wanted)
    width = tab_width or max(len(words) if has_header else 1, _spaced_width(lines[int(has_header) :]))
    first = [words + ["name"] * (width - len(words))] if has_header else []
    ranks = {at: rank for at, word in enumerate(words) if (rank := smiles_rank(word)) is not None}
    smiles = min(ranks, key=lambda at: ranks[at], default=0) if has_header else 0
    rows = first + [
        [cell.decode() for cell in split_spaced(line, tabs, width, smiles)] for line in lines[int(has_header) :]
    ]
    sample = Sample(rows, judge)
    choice = (
        choose(sample, wanted, source.name, has_header=True) if has_header else _headless(sample, width, wanted, source)
    )
    return _Reading(None, rows, tabs, choice)


def _headless(sample: Sample, width: int, wanted: Wanted, source: Source) -> ColumnChoice:
    """The columns of SMILES lines without a header: SMILES and name, or the other way round where the cells say so."""
    names = [f"column {at + 1}" for at in range(width)]
    if wanted.smiles_column is not None:
        smiles = named_position(names, wanted.smiles_column, source.name, "smiles_column")
    else:
        names[:2] = ["smiles", "name"][:width]
        second_is = (
            width > 1
            and not sample.is_telling(0)
            and (sample.is_telling(1) or sample.share(0) < _HALF <= sample.share(1))
        )
        smiles = int(second_is)
    names = [position_name(at, smiles) for at in range(width)]
    identifier = named_position(names, wanted.id_column, source.name, "id_column") if wanted.id_column else None
    if identifier is None and width > 1:
        identifier = int(smiles == 0)
    columns = tuple(named_position(names, name, source.name, "columns") for name in wanted.columns)
    notes = [f"{source.name}: no header; the SMILES stand in column {smiles + 1}"] if smiles else []
    return ColumnChoice(False, names, smiles, identifier, columns, notes)


def _spaced_width(lines: Sequence[bytes]) -> int:
    """1 for SMILES alone, 2 for a SMILES and a name; more where numbers follow names of one word in every line."""
    if all(len(split_spaced(line, False, 2, 0)) < 2 for line in lines):
        return 1
    rows = [_EXTENSION.sub(b"", line).split() for line in lines]
    width = len(rows[0])
    if width < 3 or any(len(row) != width for row in rows) or len({row[1] for row in rows}) < len(rows):
        return 2
    return width if all(_NUMBER.match(cell) for row in rows for cell in row[2:]) else 2


def _first_record(head: _Head, reading: _Reading) -> int:
    """Bytes of the header record and of what stands before it."""
    if reading.dialect is None:
        return int(line_spans(head.data, head.final, b"").stops[0])
    return int(delimited_spans(head.data, reading.dialect, head.final).stops[0])
