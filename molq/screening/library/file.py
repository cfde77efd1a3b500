"""A prepared library opened: what it says of itself, and its rows."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.errors import InputError
from molq.records.cells import blank_cells, cells_of_arrow
from molq.records.choice import Wanted
from molq.records.layout import Layout
from molq.screening.output.molqlib_file import (
    COUNTS_KEY,
    FORMAT_VERSION,
    METADATA_KEY,
    LibraryCounts,
    LibraryHeader,
    descriptor_layout,
)
from molq.screening.rows import Rows
from molq.serial import from_json

MOLQLIB = "molqlib"
"""format of the layout of a prepared library"""
SLICE = struct.Struct("<QII")
"""body of its chunks: row group, first row in it, end row in it"""
_GRAPH_COLUMNS = ("atoms", "bonds", "ends")


class _Version(msgspec.Struct):
    """All that is asked of a header before it is known to be of a format that this molq reads."""

    format_version: int = 0


@dataclass(frozen=True)
class PreparedLibrary:
    """An opened .molqlib file."""

    path: str
    header: LibraryHeader
    rows: int
    rejected: int
    group_rows: tuple[int, ...]

    def layout(self, wanted: Wanted) -> Layout:
        """Raises InputError when a wanted column is not stored."""
        if wanted.smiles_column is not None:
            raise InputError(f"{self.path}: a prepared library has no SMILES column to choose")
        if wanted.id_column is not None and not (self.header.has_id and wanted.id_column == "id"):
            raise InputError(f"{self.path}: the id of a prepared library is chosen when it is built")
        for column in wanted.columns:
            if column not in self.header.columns:
                kept = ", ".join(self.header.columns) or "none"
                raise InputError(f"{self.path}: no column {column!r}; columns kept in this library: {kept}")
        id_at = 0 if self.header.has_id else None
        return Layout(
            self.path,
            MOLQLIB,
            id=id_at,
            column_names=wanted.columns,
            has_id=self.header.has_id,
            has_smiles=self.header.has_smiles,
        )


@cache
def open_library(path: str) -> PreparedLibrary:
    """The header of a .molqlib file. Raises InputError when it is damaged, newer, or built for other descriptors."""
    table = _parquet_file(path)
    metadata = table.schema_arrow.metadata or {}
    if METADATA_KEY not in metadata:
        raise InputError(f"{path}: a Parquet file, but no prepared library of molq")
    version = from_json(metadata[METADATA_KEY], _Version, path).format_version
    if version > FORMAT_VERSION:
        raise InputError(f"{path}: library format {version} is newer than this molq; upgrade molq")
    header = from_json(metadata[METADATA_KEY], LibraryHeader, path)
    if header.descriptors.replace(" ", "") != descriptor_layout():  # earlier versions wrote spaces
        raise InputError(f"{path}: built by molq {header.created_with} with other descriptors; build it again")
    groups = tuple(table.metadata.row_group(i).num_rows for i in range(table.num_row_groups))
    found = (table.metadata.metadata or {}).get(COUNTS_KEY)
    counts = from_json(found, LibraryCounts, path) if found else None
    if counts is None or sum(groups) != counts.rows:
        written = counts.rows if counts else "none"
        raise InputError(f"{path}: {sum(groups)} rows where {written} were written; the file is damaged")
    return PreparedLibrary(path, header, counts.rows, counts.rejected, groups)


def read_group(layout: Layout, body: bytes) -> Rows:
    """The rows of a chunk. Raises InputError when the data are damaged."""
    return read_rows(layout, *SLICE.unpack(body))


def read_rows(layout: Layout, group: int, start: int, stop: int) -> Rows:
    """Rows ``start:stop`` of a row group. Raises InputError when the data are damaged."""
    import pyarrow as pa
    import pyarrow.compute as pc

    header = open_library(layout.name).header
    names = ["id"] * header.has_id + ["smiles"] * header.has_smiles + [f"column.{c}" for c in layout.column_names]
    try:
        table = _parquet_file(layout.name).read_row_group(
            group, columns=[*names, "rejected", *_GRAPH_COLUMNS], use_threads=False
        )
        table = table.slice(start, stop - start).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{layout.name}: row group {group} is damaged: {error}") from error
    n_rows = stop - start
    reasons = table.column("rejected").to_pylist() if table.column("rejected").null_count < n_rows else []
    rejected = {row: reason for row, reason in enumerate(reasons) if reason is not None}
    texts = {name: cells_of_arrow(pc.fill_null(table.column(name), "").combine_chunks()) for name in names}
    blank = blank_cells(n_rows)
    return Rows(
        texts.get("smiles", blank),
        texts.get("id", blank),
        [texts[f"column.{name}"] for name in layout.column_names],
        rejected,
        _graphs(table, rejected, n_rows),
    )


def _graphs(table: Any, rejected: dict[int, str], n_rows: int) -> PackedGraphs:
    atoms, atom_offsets = _list_values(table.column("atoms"))
    bonds, bond_offsets = _list_values(table.column("bonds"))
    ends, _ = _list_values(table.column("ends"))
    kept = np.ones(n_rows + 1, bool)
    kept[list(rejected)] = False
    atom_ptr, bond_ptr = atom_offsets[kept], bond_offsets[kept]
    first_atom = np.repeat(atom_ptr[:-1], np.diff(bond_ptr))
    return PackedGraphs(atoms, bonds, ends.reshape(-1, 2) + first_atom[:, None], atom_ptr, bond_ptr)


def _list_values(column: Any) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Flat values and offsets from 0 of a list column."""
    array = column.chunk(0) if column.num_chunks else column.combine_chunks()
    offsets = array.offsets.to_numpy()
    values = array.values.slice(offsets[0], offsets[-1] - offsets[0]).to_numpy()
    return values, (offsets - offsets[0]).astype(np.int32)


@cache
def _parquet_file(path: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not os.path.isfile(path):
        raise InputError(f"{path} is a directory" if os.path.isdir(path) else f"{path}: no such file")
    try:
        return pq.ParquetFile(path, memory_map=True, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable prepared library: {error}") from error
