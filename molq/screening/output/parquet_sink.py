"""Arrow streams of workers, put together to one Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molq.files import sync_file
from molq.records.arrow import batch_of
from molq.screening.output.format import Bounds, Finished

GROUP_ROWS = 65536


class ParquetSink:
    """A Parquet file per shard, joined at the end into one. The mark counts shards."""

    def __init__(self, output: Path, schema: Any) -> None:
        self._output, self._schema = output, schema

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
            pq.write_table(
                table.combine_chunks(), path, compression="zstd", compression_level=1, write_page_checksum=True
            )
            sync_file(path)
            self._n_shards += 1
            self._batches = []
        return self._n_shards

    def finish(self) -> list[Finished]:
        import pyarrow.parquet as pq

        whole = self._folder / "whole.parquet"
        with pq.ParquetWriter(whole, self._schema, compression="zstd", write_page_checksum=True) as writer:
            for i in range(self._n_shards):
                table = pq.read_table(
                    self._shard(i), schema=self._schema, use_threads=False, page_checksum_verification=True
                )
                writer.write_table(table.combine_chunks(), row_group_size=GROUP_ROWS)
        sync_file(whole)
        return [Finished(whole, self._output)]

    def close(self) -> None:
        pass

    def _shard(self, i: int) -> Path:
        return self._folder / f"shard-{i:08d}.parquet"
