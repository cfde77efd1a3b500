"""Rows of .parquet libraries, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from molq.errors import InputError
from molq.records.columns import distinct_names, id_position, smiles_position
from molq.records.record import Record, Rejected

_BATCH = 8192


def read_parquet(path: str, smiles_column: str | None, id_column: str | None) -> Iterator[Record | Rejected]:
    """One item per row, every column as text, an absent value as "". Raises InputError for a file that is not sound."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = 0
    try:
        with pq.ParquetFile(path) as table:
            columns = distinct_names(table.schema_arrow.names)
            smiles_at = smiles_position(columns, smiles_column, path)
            id_at = id_position(columns, id_column, path)
            for batch in table.iter_batches(_BATCH, use_threads=False):
                for fields in zip(*map(_texts, batch.columns), strict=True):
                    identifier = None if id_at is None else fields[id_at]
                    yield Record(row, identifier, fields[smiles_at].strip(), dict(zip(columns, fields, strict=True)))
                    row += 1
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable Parquet file, at row {row}: {error}") from error


def _texts(column: Any) -> list[str]:
    return ["" if value is None else str(value) for value in column.to_pylist()]
