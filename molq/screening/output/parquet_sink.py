"""Parquet output: a file per shard, joined at the end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from molq.records.arrow import batch_of
from molq.screening.run_directory import sync_directory, sync_file


class ParquetSink:
    """A Parquet file per shard, joined at the end into one; ``group_rows`` rows a row group."""

    def __init__(
        self, output: Path, schema: Any, group_rows: int, writer_options: dict[str, Any] | None = None
    ) -> None:
        self._output, self._schema, self._group_rows = output, schema, group_rows
        self._options = {"compression": "zstd", "write_page_checksum": True, **(writer_options or {})}
        self.metadata: dict[bytes, bytes] = {}

    def open(self, folder: Path, state: dict[str, Any]) -> None:
        self._folder, self._n_shards = folder, state.get("shards", 0)
        self._batches: list[Any] = []

    def write(self, body: bytes) -> None:
        self._batches.append(batch_of(body))

    def commit(self) -> dict[str, Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._batches:
            table = pa.Table.from_batches(self._batches).rename_columns(self._schema.names).cast(self._schema)
            path = self._shard(self._n_shards)
            pq.write_table(table.combine_chunks(), path, compression="zstd", compression_level=1)
            sync_file(path)
            self._n_shards += 1
            self._batches = []
        return {"shards": self._n_shards}

    def finish(self) -> list[Path]:
        import pyarrow.parquet as pq

        whole = self._folder / "whole.parquet"
        with pq.ParquetWriter(whole, self._schema, **self._options) as writer:
            for i in range(self._n_shards):
                table = pq.read_table(self._shard(i), schema=self._schema, use_threads=False)
                writer.write_table(table.combine_chunks(), row_group_size=self._group_rows)
            writer.add_key_value_metadata(self.metadata)
        sync_file(whole)
        os.replace(whole, self._output)
        sync_directory(self._output.parent)
        return [self._output]

    def close(self) -> None:
        pass

    def _shard(self, i: int) -> Path:
        return self._folder / f"shard-{i:08d}.parquet"
