"""Finished shards read in order, as chunks of rows of the whole library."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from molq.errors import InputError, OutputError
from molq.files import file_sha256, open_file
from molq.records.arrow import arrow_bytes
from molq.records.chunk import Chunk
from molq.records.input.source import Source
from molq.screening.shards.manifest import ShardManifest, again, file_of

_BATCH_ROWS = 1 << 16


class ShardsReader:
    """What ``execute`` reads instead of a library. Raises OutputError for a shard whose file is not what it was."""

    def __init__(self, folder: Path, shards: Sequence[ShardManifest]) -> None:
        self._folder, self._shards = folder, shards
        self.sources = [Source(str(file_of(folder, one.shard)), "parquet") for one in shards]
        self.notes = list(dict.fromkeys(note for one in shards for note in one.notes))
        self.example = ""
        self.first_rows = [0, *itertools.accumulate(one.done.rows for one in shards)]
        """[n + 1] row of the library at which each begins, then the rows in all"""

    def chunks(self, chunk_rows: int, shard_rows: int, start_row: int = 0) -> Iterator[Chunk]:
        """Chunks from row ``start_row`` on, none across a multiple of ``shard_rows``: rows as the files have them.

        A shard of chosen rows has only these in them, their ``row`` counted from the shard's first.
        """
        for index, (first, stop) in enumerate(itertools.pairwise(self.first_rows)):
            if stop <= start_row:
                continue
            table = self._tables(index)
            rest = next(table)
            row = first
            while row < stop:
                end = min(stop, row + max(chunk_rows, _BATCH_ROWS), (row // shard_rows + 1) * shard_rows)
                while rest.num_rows and rest[0][-1].as_py() + first < end and (more := next(table, None)) is not None:
                    rest = _stacked(rest, more)
                n_here = int(np.searchsorted(rest[0].to_numpy() + first, end))
                if end > start_row:
                    yield Chunk(index, row, end - row, arrow_bytes(rest.slice(0, n_here)))
                row, rest = end, rest.slice(n_here)

    def total_rows(self, rows_read: int) -> int | None:
        return self.first_rows[-1]

    def refuse_changes(self) -> None:
        """Every file is held against its hash before it is read."""

    def digest_at(self, row: int) -> str:
        return ""

    def close(self) -> None:
        """Files are closed as they are read."""

    def _tables(self, index: int) -> Iterator[Any]:
        """Batches of a shard's file with the number of each row in the shard as their first column; one at least."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        manifest = self._shards[index]
        path, names = file_of(self._folder, manifest.shard), manifest.table.names(manifest.columns)
        if not _is_as_written(path, manifest.output_sha256):
            raise OutputError(f"{path} is missing, cut short or altered; {again(manifest.shard)}")
        is_chosen, row = manifest.table.selection.active, 0
        schema = manifest.table.schema(manifest.columns)
        with open_file(path) as opened, pq.ParquetFile(opened, page_checksum_verification=True) as file:
            if file.schema_arrow.names != names or (not is_chosen and file.metadata.num_rows != manifest.done.rows):
                raise OutputError(f"{path} does not hold what its manifest says; {again(manifest.shard)}")
            empty = schema.empty_table().to_batches() or [pa.RecordBatch.from_pylist([], schema=schema)]
            for batch in itertools.chain(file.iter_batches(_BATCH_ROWS, use_threads=False), empty):
                rows = batch.column(0) if is_chosen else pa.array(np.arange(row, row + batch.num_rows))
                row += batch.num_rows
                columns = batch.columns[1:] if is_chosen else batch.columns
                yield pa.RecordBatch.from_arrays([rows, *columns], [str(i) for i in range(len(columns) + 1)])


def _is_as_written(path: Path, sha256: str) -> bool:
    try:
        return file_sha256(path) == sha256
    except InputError:
        return False


def _stacked(first: Any, second: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches([first, second]).combine_chunks().to_batches()[0] if second.num_rows else first
