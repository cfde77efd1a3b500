"""A chunk understood: raw records to rows."""

from __future__ import annotations

import csv
import io

from molq.records.arrow import batch_of
from molq.records.chunk import ROW_GROUP_SLICE, Chunk
from molq.records.layout import Layout
from molq.records.rawrecords import raw_records
from molq.screening.library.file import open_library, read_rows
from molq.screening.rows import Rows


def open_layout(layout: Layout) -> None:
    """Opens a prepared library before its first chunk. Raises InputError when it is damaged or newer."""
    if layout.format == "molqlib":
        open_library(layout.name)


def read_chunk(chunk: Chunk, layout: Layout) -> Rows:
    """The ``chunk.n_rows`` rows of a chunk; a record that cannot be trusted is a rejected row, as in chem.records."""
    if layout.format == "molqlib":
        return read_rows(layout, *ROW_GROUP_SLICE.unpack(chunk.body))
    if layout.format == "parquet":
        return _arrow_rows(chunk, layout)
    if layout.format == "sdf":
        return _sdf_rows(chunk, layout)
    text = _clean_text(chunk.body)
    if layout.format == "smi":
        return _smi_rows(*(_texts(chunk, layout) if text is None else (text.split("\n")[: chunk.n_rows], {})))
    records = None if text is None else _csv_records(text, layout.delimiter)
    if records is None or len(records) != chunk.n_rows:
        return _csv_rows_one_by_one(chunk, layout)
    return _columns_of(records, layout, {})


def _clean_text(body: bytes) -> str | None:
    """The text of a whole chunk, None when a record of it is no text or holds a NUL byte."""
    if b"\0" in body:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _smi_rows(lines: list[str], rejected: dict[int, str]) -> Rows:
    parts = [line.split(None, 1) for line in lines]
    smiles = [part[0] if part else "" for part in parts]
    ids = [part[1].rstrip() if len(part) == 2 else "" for part in parts]
    return Rows(smiles, ids, [], rejected)


def _csv_records(text: str, delimiter: str) -> list[list[str]] | None:
    try:
        return [record for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if record]
    except csv.Error:
        return None


def _csv_rows_one_by_one(chunk: Chunk, layout: Layout) -> Rows:
    """The same rows, each record on its own, so that a damaged one spoils no other."""
    texts, rejected = _texts(chunk, layout)
    records: list[list[str]] = []
    for row, text in enumerate(texts):
        parsed = _csv_records(text, layout.delimiter)
        if parsed is None or len(parsed) != 1:
            rejected.setdefault(row, "unreadable row: a stray carriage return or an oversized field")
            parsed = [[""] * layout.width]
        records.append(parsed[0])
    return _columns_of(records, layout, rejected)


def _columns_of(records: list[list[str]], layout: Layout, rejected: dict[int, str]) -> Rows:
    width = layout.width
    if any(len(record) != width for record in records):
        for row, record in enumerate(records):
            n_fields = len(record)
            if n_fields < width or any(record[width:]):
                counted = "1 field" if n_fields == 1 else f"{n_fields} fields"
                rejected.setdefault(row, f"{counted} where the header has {width}")
                record.extend([""] * (width - n_fields))
    smiles = [record[layout.smiles].strip() for record in records]
    ids = [""] * len(records) if layout.id is None else [record[layout.id] for record in records]
    return Rows(smiles, ids, [[record[at] for record in records] for at in layout.columns], rejected)


def _texts(chunk: Chunk, layout: Layout) -> tuple[list[str], dict[int, str]]:
    """Each record as text, and the rows that are refused for what they hold."""
    texts: list[str] = []
    rejected: dict[int, str] = {}
    for row, record in enumerate(raw_records(io.BytesIO(chunk.body), layout.format, layout.name)):
        try:
            texts.append(record.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append(record.decode("utf-8", "backslashreplace"))
            rejected[row] = "the row is not UTF-8 text"
        if b"\0" in record:
            rejected[row] = "the row holds a NUL byte"
    return texts, rejected


def _arrow_rows(chunk: Chunk, layout: Layout) -> Rows:
    texts = [column.to_pylist() for column in batch_of(chunk.body).columns]
    smiles = [text.strip() for text in texts[0]]
    ids = [""] * chunk.n_rows if layout.id is None else texts[1]
    columns = texts[1 if layout.id is None else 2 :]
    rejected = {row: "the SMILES holds a NUL byte" for row, text in enumerate(smiles) if "\0" in text}
    return Rows(smiles, ids, columns, rejected)


def _sdf_rows(chunk: Chunk, layout: Layout) -> Rows:
    from molq.records.sdf import read_sdf_record

    texts, rejected = _texts(chunk, layout)
    records = [read_sdf_record(text) for text in texts]
    for row, record in enumerate(records):
        if record.smiles is None:
            rejected.setdefault(row, record.reason)
    ids = [r.title if layout.id_name is None else r.data.get(layout.id_name, "") for r in records]
    columns = [[record.data.get(name, "") for record in records] for name in layout.column_names]
    return Rows([record.smiles or "" for record in records], ids, columns, rejected)
