"""The best rows of each task, one file a task."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

from molq.screening.output.best import BestRows, Row
from molq.screening.output.output_table import csv_header, csv_line
from molq.screening.output.sinks import GZIP_LEVEL
from molq.screening.run_directory import sync_directory, sync_file, write_durably


class TopSink:
    """Keeps the best rows of each task; one output, CSV or Parquet, a task."""

    def __init__(self, outputs: list[Path], best: list[BestRows], schema: Any) -> None:
        self._outputs, self._best, self._schema = outputs, best, schema

    def open(self, folder: Path, state: dict[str, Any]) -> None:
        self._folder, self._n_commits = folder, state.get("commits", 0)
        if self._n_commits:
            for best, rows in zip(self._best, json.loads(self._state_file().read_bytes()), strict=True):
                best.add(rows)

    def write(self, body: bytes) -> None:
        for best, rows in zip(self._best, json.loads(body), strict=True):
            best.add(rows)

    def commit(self) -> dict[str, Any]:
        before = self._state_file(self._n_commits - 1) if self._n_commits else None
        self._n_commits += 1
        write_durably(self._state_file(), json.dumps([best.sorted() for best in self._best]).encode())
        if before is not None:
            before.unlink(missing_ok=True)
        return {"commits": self._n_commits}

    def finish(self) -> list[Path]:
        for path, best in zip(self._outputs, self._best, strict=True):
            self._write(path, best)
        return self._outputs

    def close(self) -> None:
        pass

    def _write(self, path: Path, best: BestRows) -> None:
        whole = self._folder / "whole"
        columns = self._columns(best.sorted())
        if path.suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.table(columns, schema=self._schema), whole, compression="zstd")
        else:
            texts = [column.cast("string").to_pylist() for column in columns]
            data = csv_header(self._schema.names) + b"".join(csv_line(line) for line in zip(*texts, strict=True))
            whole.write_bytes(gzip.compress(data, GZIP_LEVEL, mtime=0) if path.suffix == ".gz" else data)
        sync_file(whole)
        os.replace(whole, path)
        sync_directory(path.parent)

    def _columns(self, rows: list[Row]) -> list[Any]:
        import pyarrow as pa

        values = [[row, *texts, *scores] for _, row, texts, scores in rows]
        by_column = zip(*values, strict=True) if values else ([] for _ in self._schema)
        return [pa.array(list(column), field.type) for column, field in zip(by_column, self._schema, strict=True)]

    def _state_file(self, n: int | None = None) -> Path:
        return self._folder / f"best-{self._n_commits if n is None else n}.json"
