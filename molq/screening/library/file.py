"""The .molqlib file: packed graphs of a library in Parquet row groups, readable by any Parquet reader."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, PackedGraphs
from molq.errors import InputError
from molq.records.layout import Layout, Wanted
from molq.records.sources import Source
from molq.screening.rows import Rows

FORMAT_VERSION = 1
GROUP_ROWS = 4096
METADATA_KEY = b"molq.library"
COUNTS_KEY = b"molq.library.counts"
WRITER_OPTIONS = {"compression_level": 3, "use_dictionary": ["atoms.list.element", "bonds.list.element"]}
MAX_ATOMS = 65535
"""ends are stored as 16-bit numbers"""
_GRAPH_COLUMNS = ("atoms", "bonds", "ends")


@dataclass(frozen=True)
class LibraryHeader:
    """What a prepared library says of itself."""

    has_id: bool
    has_smiles: bool
    columns: tuple[str, ...]
    max_atoms: int
    sources: tuple[str, ...]
    created_with: str
    descriptors: str
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class PreparedLibrary:
    """An opened .molqlib file."""

    path: str
    header: LibraryHeader
    rows: int
    rejected: int
    group_rows: tuple[int, ...]

    def layout(self, source: Source, wanted: Wanted) -> Layout:
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
            self.path, "molqlib", 0, id_at, (), column_names=wanted.columns, has_smiles=self.header.has_smiles
        )


def descriptor_layout() -> str:
    """The bit layout of descriptors, as text; a library of another layout must be built again."""
    return json.dumps([{name: list(field) for name, field in fields.items()} for fields in (ATOM_FIELDS, BOND_FIELDS)])


def schema(header: LibraryHeader) -> Any:
    """Arrow schema of a library with this header."""
    import pyarrow as pa

    fields = [pa.field("id", pa.string())] if header.has_id else []
    fields += [pa.field("smiles", pa.string())] if header.has_smiles else []
    fields += [pa.field(f"column.{name}", pa.string()) for name in header.columns]
    fields += [
        pa.field("rejected", pa.dictionary(pa.int32(), pa.string())),
        pa.field("atoms", pa.list_(pa.field("element", pa.uint64(), nullable=False)), nullable=False),
        pa.field("bonds", pa.list_(pa.field("element", pa.uint16(), nullable=False)), nullable=False),
        pa.field("ends", pa.list_(pa.field("element", pa.uint16(), nullable=False)), nullable=False),
    ]
    return pa.schema(fields, metadata={METADATA_KEY: json.dumps(asdict(header)).encode()})


def graph_arrays(graphs: PackedGraphs, index: NDArray[np.int64], n_rows: int) -> list[Any]:
    """Arrow list arrays (atoms, bonds, ends) of ``n_rows`` rows; rows outside ``index`` are empty lists."""
    import pyarrow as pa

    n_atoms, n_bonds = np.zeros(n_rows, np.int64), np.zeros(n_rows, np.int64)
    n_atoms[index], n_bonds[index] = np.diff(graphs.atom_ptr), np.diff(graphs.bond_ptr)
    first_atom = np.repeat(graphs.atom_ptr[:-1], np.diff(graphs.bond_ptr))
    ends = (graphs.ends - first_atom[:, None]).astype(np.uint16).ravel()
    return [
        pa.ListArray.from_arrays(_offsets(counts), pa.array(values))
        for counts, values in ((n_atoms, graphs.atoms), (n_bonds, graphs.bonds), (2 * n_bonds, ends))
    ]


@cache
def open_library(path: str) -> PreparedLibrary:
    """The header of a .molqlib file. Raises InputError when it is damaged, newer, or built for other descriptors."""
    table = _parquet_file(path)
    metadata = table.schema_arrow.metadata or {}
    if METADATA_KEY not in metadata:
        raise InputError(f"{path}: a Parquet file, but no prepared library of molq")
    raw = json.loads(metadata[METADATA_KEY])
    if raw.get("format_version", 0) > FORMAT_VERSION:
        raise InputError(f"{path}: library format {raw['format_version']} is newer than this molq; upgrade molq")
    header = LibraryHeader(**{**raw, "columns": tuple(raw["columns"]), "sources": tuple(raw["sources"])})
    if header.descriptors != descriptor_layout():
        raise InputError(f"{path}: built by molq {header.created_with} with other descriptors; build it again")
    groups = tuple(table.metadata.row_group(i).num_rows for i in range(table.num_row_groups))
    counted = json.loads((table.metadata.metadata or {}).get(COUNTS_KEY, b'{"rows": -1, "rejected": -1}'))
    if sum(groups) != counted["rows"]:
        raise InputError(f"{path}: {sum(groups)} rows where {counted['rows']} were written; the file is damaged")
    return PreparedLibrary(path, header, counted["rows"], counted["rejected"], groups)


def read_rows(layout: Layout, group: int, start: int, stop: int) -> Rows:
    """Rows ``start:stop`` of a row group. Raises InputError when the data are damaged."""
    import pyarrow as pa

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
    texts = {name: table.column(name).to_pylist() for name in names}
    blank = [""] * n_rows
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

    try:
        return pq.ParquetFile(path, memory_map=True, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable prepared library: {error}") from error


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
