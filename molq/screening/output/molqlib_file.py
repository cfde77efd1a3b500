"""A prepared library: packed graphs in Parquet row groups, readable by any Parquet reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, PackedGraphs
from molq.records.arrow import arrow_bytes
from molq.records.cells import as_arrow
from molq.screening.output.format import Bounds
from molq.screening.output.parquet_sink import ParquetSink
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows
from molq.serial import to_json

FORMAT_VERSION = 1
GROUP_ROWS = 4096
METADATA_KEY = b"molq.library"
COUNTS_KEY = b"molq.library.counts"
STORABLE_ATOMS = 65535
"""ends are stored as 16-bit numbers"""
_WRITER_OPTIONS = {"compression_level": 3, "use_dictionary": ["atoms.list.element", "bonds.list.element"]}


class LibraryHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a prepared library says of itself."""

    has_id: bool
    has_smiles: bool
    columns: tuple[str, ...]
    max_atoms: int
    sources: tuple[str, ...]
    created_with: str
    descriptors: str
    format_version: int = FORMAT_VERSION


class LibraryCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of a prepared library, and those rejected among them."""

    rows: int
    rejected: int


class MolqlibFile(msgspec.Struct, frozen=True, tag=True):
    """Every row: its graph, or why it has none."""

    path: str
    header: LibraryHeader

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        """An Arrow stream, its columns named by their numbers."""
        import pyarrow as pa

        n_rows = len(rows.smiles)
        reasons = pa.array([scored.rejected.get(row) for row in range(n_rows)], pa.string())
        texts = [as_arrow(column) for column in self._texts(rows)]
        arrays = [*texts, reasons, *_graph_arrays(scored.graphs, scored.kept, n_rows)]
        return arrow_bytes(pa.RecordBatch.from_arrays(arrays, [str(i) for i in range(len(arrays))]))

    def sink(self, tasks: tuple[str, ...]) -> ParquetSink:
        return ParquetSink(Path(self.path), self._schema(), GROUP_ROWS, _WRITER_OPTIONS, _counts)

    def paths(self, tasks: tuple[str, ...]) -> list[Path]:
        return [Path(self.path)]

    def _texts(self, rows: Rows) -> list[Sequence[str]]:
        header = self.header
        return [*([rows.ids] if header.has_id else []), *([rows.smiles] if header.has_smiles else []), *rows.columns]

    def _schema(self) -> Any:
        import pyarrow as pa

        header = self.header
        fields = [pa.field("id", pa.string())] if header.has_id else []
        fields += [pa.field("smiles", pa.string())] if header.has_smiles else []
        fields += [pa.field(f"column.{name}", pa.string()) for name in header.columns]
        fields += [
            pa.field("rejected", pa.dictionary(pa.int32(), pa.string())),
            pa.field("atoms", pa.list_(pa.field("element", pa.uint64(), nullable=False)), nullable=False),
            pa.field("bonds", pa.list_(pa.field("element", pa.uint16(), nullable=False)), nullable=False),
            pa.field("ends", pa.list_(pa.field("element", pa.uint16(), nullable=False)), nullable=False),
        ]
        return pa.schema(fields, metadata={METADATA_KEY: to_json(header)})


def descriptor_layout() -> str:
    """The bit layout of descriptors, as text; a library of another layout must be built again."""
    return to_json([ATOM_FIELDS, BOND_FIELDS]).decode()


def _counts(rows: int, rejected: int) -> dict[bytes, bytes]:
    return {COUNTS_KEY: to_json(LibraryCounts(rows, rejected))}


def _graph_arrays(graphs: PackedGraphs, index: NDArray[np.int64], n_rows: int) -> list[Any]:
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


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
