"""Where SMILES, id and kept columns stand in a record of a source."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from molq.errors import InputError
from molq.records.columns import distinct_names, id_position, named_position, names_smiles, smiles_position
from molq.records.sources import Source

DELIMITERS = {"csv": ",", "tsv": "\t"}


@dataclass(frozen=True)
class Wanted:
    """What the caller asked of every source: column names, or None to find them."""

    smiles_column: str | None = None
    id_column: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Fields of a record by position; ``columns`` are the kept ones. For an SD file only the names count."""

    name: str
    format: str
    smiles: int
    id: int | None
    columns: tuple[int, ...]
    width: int = 0
    """fields of a record"""
    id_name: str | None = None
    column_names: tuple[str, ...] = ()
    has_smiles: bool = True

    @property
    def delimiter(self) -> str:
        return DELIMITERS[self.format]


def layout_of_header(source: Source, header: bytes, wanted: Wanted) -> Layout:
    """Layout of a csv or tsv source from its first record. Raises InputError when a column is missing."""
    try:
        text = header.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{source.name}: the header is not UTF-8 text") from error
    fields = next(csv.reader([text], delimiter=DELIMITERS[source.format]))
    return layout_of_names(source, distinct_names(fields), wanted)


def layout_of_names(source: Source, names: Sequence[str], wanted: Wanted) -> Layout:
    """Layout of a source whose columns have these names. Raises InputError when a column is missing."""
    return Layout(
        source.name,
        source.format,
        smiles_position(names, wanted.smiles_column, source.name),
        id_position(names, wanted.id_column, source.name),
        tuple(named_position(names, column, source.name) for column in wanted.columns),
        width=len(names),
        column_names=wanted.columns,
    )


def layout_of_smi(source: Source, wanted: Wanted) -> Layout:
    """Layout of a file of SMILES lines: the SMILES, white space, and perhaps a name."""
    if wanted.columns:
        raise InputError(f"{source.name}: a SMILES file has no columns to keep besides the name")
    return Layout(source.name, "smi", 0, 1, ())


def layout_of_sdf(source: Source, wanted: Wanted) -> Layout:
    """Layout of an SD file: the title line is the id unless a data field is named for it."""
    return Layout(source.name, "sdf", 0, 1, (), id_name=wanted.id_column, column_names=wanted.columns)


def is_smi_header(record: bytes) -> bool:
    """Whether the first line of a SMILES file names its columns."""
    first = record.split(None, 1)
    return bool(first) and names_smiles(first[0].decode("utf-8", "replace"))
