"""A chunk understood: its records as rows. It needs nothing but the chunk and the layout of its source."""

from __future__ import annotations

import re

import numpy as np

from molq.records.arrow import batch_of
from molq.records.cells import (
    Cells,
    blank_cells,
    cells_of,
    cells_of_arrow,
    without_outer_blanks,
)
from molq.records.chunk import Chunk
from molq.records.encoding import is_utf8, text_of, utf8_records
from molq.records.layout import Layout
from molq.records.rows import MOL_BLOCK, SMILES, SourceRows
from molq.records.text.delimited import Dialect, delimited_cells, record_count
from molq.records.text.lines import Spans
from molq.records.text.reader import spans_of
from molq.records.text.sdf import read_sdf_record
from molq.records.text.spaced import spaced_cells

_NUL = "the row holds a NUL byte"
_LINE_FEED, _BLANK = 10, 32


class RowsLostError(AssertionError):
    """Rows understood and rows counted differ: a fault of molq, never of the file."""


def understand(chunk: Chunk, layout: Layout) -> SourceRows:
    """The ``chunk.n_rows`` rows of a chunk; a record that cannot be trusted is a rejected row, alone.

    Raises RowsLostError when they are not as many as were counted.
    """
    if layout.format == "table":
        rows = _table_rows(chunk, layout)
    else:
        _check(chunk, count_records(chunk.body, layout), layout)
        body, spans = chunk.body, spans_of(layout)(chunk.body, True)
        _check(chunk, len(spans.starts), layout)
        if not is_utf8(body):
            body, spans = utf8_records(body, spans)
        rows = _sdf_rows(body, spans, layout) if layout.format == "sdf" else _text_rows(body, spans, layout)
    _check(chunk, len(rows.molecules), layout)
    return rows


def count_records(body: bytes, layout: Layout) -> int | None:
    """The records of a chunk by a rule of its own: lines that are not blank, or whole records matched one by one.

    None for SD files, whose records may lack their end.
    """
    if layout.format == "sdf":
        return None
    if layout.quoted and b'"' in body:
        return record_count(body, Dialect(layout.delimiter, True))
    codes = np.frombuffer(body, np.uint8)
    after = np.flatnonzero(codes[:-1] == _LINE_FEED) + 1
    if b"\r" not in body and codes[0] > _BLANK and (codes[after] > _BLANK).all():
        return len(after) + 1  # no line begins with a blank, so none is blank
    mark = layout.delimiter.encode()
    return sum(bool(line.strip()) or (bool(mark) and mark in line) for line in re.split(rb"[\r\n]", body))


def _check(chunk: Chunk, n_rows: int | None, layout: Layout) -> None:
    if n_rows is not None and n_rows != chunk.n_rows:
        raise RowsLostError(
            f"{layout.name}: {n_rows} rows from row {chunk.first_row} on where {chunk.n_rows} were counted"
        )


def _text_rows(body: bytes, spans: Spans, layout: Layout) -> SourceRows:
    identifiers = [] if layout.id is None else [layout.id]
    wanted = [layout.smiles, *identifiers, *layout.columns]
    rejected: dict[int, str] = {}
    if layout.format == "spaced":
        cells = spaced_cells(body, spans, layout.delimiter == "\t", layout.width, layout.smiles, wanted)
    else:
        cells, rejected = delimited_cells(body, spans, Dialect(layout.delimiter, layout.quoted), layout.width, wanted)
    smiles = without_outer_blanks(cells[0])
    rejected |= _nul_records(body, spans)
    if layout.header is not None:
        rejected |= _repeated_headers(smiles, layout.header, rejected)
    ids = cells[1] if identifiers else blank_cells(len(smiles))
    return SourceRows(smiles, SMILES, ids, tuple(cells[1 + len(identifiers) :]), rejected)


def _nul_records(body: bytes, spans: Spans) -> dict[int, str]:
    if b"\0" not in body:
        return {}
    places = np.flatnonzero(np.frombuffer(body, np.uint8) == 0)
    return dict.fromkeys(np.unique(np.searchsorted(spans.stops, places, side="right")).tolist(), _NUL)


def _repeated_headers(smiles: Cells, header: str, rejected: dict[int, str]) -> dict[int, str]:
    """Rows that say what the header says; none is a molecule by chance, as its name would have to be a SMILES."""
    if header.encode() not in smiles.data or len(header) < 3:
        return {}
    reason = "the header once more"
    return {row: reason for row, text in enumerate(smiles.texts()) if text == header and row not in rejected}


def _sdf_rows(body: bytes, spans: Spans, layout: Layout) -> SourceRows:
    texts = [text_of(body[a:b]) for a, b in zip(spans.starts.tolist(), spans.stops.tolist(), strict=True)]
    records = [read_sdf_record(text) for text in texts]
    ids = [r.title if layout.id_name is None else r.data.get(layout.id_name, "") for r in records]
    columns = tuple(cells_of([record.data.get(name, "") for record in records]) for name in layout.column_names)
    rejected = {row: _NUL for row, text in enumerate(texts) if "\0" in text}
    if layout.smiles_name is None:
        return SourceRows(cells_of([record.block for record in records]), MOL_BLOCK, cells_of(ids), columns, rejected)
    smiles = cells_of([record.data.get(layout.smiles_name, "").strip() for record in records])
    return SourceRows(smiles, SMILES, cells_of(ids), columns, rejected)


def _table_rows(chunk: Chunk, layout: Layout) -> SourceRows:
    cells = [cells_of_arrow(column) for column in batch_of(chunk.body).columns]
    smiles = without_outer_blanks(cells[0])
    n_ids = layout.id is not None
    rejected = {}
    if b"\0" in smiles.data:
        rejected = {row: "the SMILES holds a NUL byte" for row, text in enumerate(smiles.texts()) if "\0" in text}
    ids = cells[1] if n_ids else blank_cells(len(smiles))
    return SourceRows(smiles, SMILES, ids, tuple(cells[1 + n_ids :]), rejected)
