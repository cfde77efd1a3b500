"""Arrow streams of workers, put together to one Parquet file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from molq.files import put_in_place, sync_file
from molq.records.arrow import batch_of
from molq.screening.output.format import Bounds

Metadata = Callable[[int, int], dict[bytes, bytes]]
"""what the file says of itself, of its rows and those rejected among them"""


class ParquetSink:
    """A Parquet file per shard, joined at the end into one; ``group_rows`` rows a row group. The mark counts shards."""

    def __init__(
        self,
        output: Path,
        schema: Any,
        group_rows: int,
        writer_options: dict[str, Any] | None = None,
        metadata: Metadata = lambda rows, rejected: {},
    ) -> None:
        self._output, self._schema, self._group_rows, self._metadata = output, schema, group_rows, metadata
        self._options = {"compression": "zstd", "write_page_checksum": True, **(writer_options or {})}

    def open(self, folder: Path, mark: int, complete: bool) -> None:
        self._folder, self._n_shards = folder, mark
        self._batches: list[Any] = []

    def write(self, body: bytes) -> None:
        self._batches.append(batch_of(body))

    def bounds(self) -> Bounds:
        return ()

    def commit(self) -> int:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._batches:
            table = pa.Table.from_batches(self._batches).rename_columns(self._schema.names).cast(self._schema)
            path = self._shard(self._n_shards)
            pq.write_table(table.combine_chunks(), path, compression="zstd", compression_level=1)
            sync_file(path)
            self._n_shards += 1
            self._batches = []
        return self._n_shards

    def finish(self, rows: int, rejected: int) -> list[Path]:
        import pyarrow.parquet as pq

        whole = self._folder / "whole.parquet"
        with pq.ParquetWriter(whole, self._schema, **self._options) as writer:
            for i in range(self._n_shards):
                table = pq.read_table(self._shard(i), schema=self._schema, use_threads=False)
                writer.write_table(table.combine_chunks(), row_group_size=self._group_rows)
            writer.add_key_value_metadata(self._metadata(rows, rejected))
        put_in_place(whole, self._output)
        return [self._output]

    def close(self) -> None:
        pass

    def _shard(self, i: int) -> Path:
        return self._folder / f"shard-{i:08d}.parquet"
