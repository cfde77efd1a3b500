"""Rows of a compound library, read one at a time: .csv .tsv .smi .sdf (.gz too), .parquet, stdin."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from molq.errors import InputError
from molq.records.columns import names_smiles
from molq.records.delimited import read_delimited
from molq.records.record import Record, Rejected
from molq.records.smi import read_smi
from molq.records.textfile import STDIN, lines, open_text, peek_text

__all__ = ["FORMATS", "Record", "Rejected", "read_records"]

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".smi": "smi",
    ".smiles": "smi",
    ".ism": "smi",
    ".sdf": "sdf",
    ".sd": "sdf",
    ".parquet": "parquet",
}
_DELIMITERS = {"csv": ",", "tsv": "\t"}


def read_records(
    source: str | Path, *, smiles_column: str | None = None, id_column: str | None = None
) -> Iterator[Record | Rejected]:
    """Rows of a library in order, one at a time: memory does not grow with the file.

    ``source`` is a file or "-" for stdin, whose kind is told from its start. ``row`` counts data rows from 0, without
    blank lines. The SMILES column is the one named, or the first with a usual name (``molq.records.columns``). A row
    that is bad alone (too few or too many fields, a NUL byte, no UTF-8) comes as Rejected. A SMILES is not looked at:
    it may be empty. Raises InputError, naming file and row, when the file is missing, of an unknown kind, damaged, or
    has no such column.
    """
    source = str(source)
    if source != STDIN and _format(source) == "parquet":
        from molq.records.parquet import read_parquet

        yield from read_parquet(source, smiles_column, id_column)
        return
    name = "standard input" if source == STDIN else source
    kind = None if source == STDIN else _format(source)
    with open_text(source) as stream:
        row = 0
        try:
            for item in _read_text(stream, kind or _sniffed(stream), name, smiles_column, id_column):
                yield item
                row += 1
        except EOFError as error:
            raise InputError(f"{name}: the gzip data end in the middle, at row {row}") from error
        except (OSError, zlib.error) as error:
            raise InputError(f"{name}: cannot be read on from row {row}: {error}") from error


def _read_text(
    stream: TextIO, kind: str, name: str, smiles_column: str | None, id_column: str | None
) -> Iterator[Record | Rejected]:
    if kind == "smi":
        return read_smi(lines(stream, name))
    if kind == "sdf":
        from molq.records.sdf import read_sdf

        return read_sdf(lines(stream, name), id_column)
    return read_delimited(lines(stream, name), _DELIMITERS[kind], name, smiles_column, id_column)


def _format(source: str) -> str:
    suffixes = [s.lower() for s in Path(source).suffixes]
    gzipped = suffixes[-1:] == [".gz"]
    suffix = suffixes[-2:-1] if gzipped else suffixes[-1:]
    kind = FORMATS.get(suffix[0]) if suffix else None
    if kind is None or (gzipped and kind == "parquet"):
        raise InputError(f"{source}: unknown kind of file; molq reads {' '.join(FORMATS)}, and .gz of the text kinds")
    return kind


def _sniffed(stream: TextIO) -> str:
    """The kind of a text whose name is not known, from its start."""
    start = peek_text(stream)
    first = start.split("\n", 1)[0]
    if any(mark in start for mark in ("M  END", "V2000", "V3000")):
        return "sdf"
    if "\t" in first and any(names_smiles(cell) for cell in first.split("\t")):
        return "tsv"
    return "csv" if "," in first or names_smiles(first) else "smi"
