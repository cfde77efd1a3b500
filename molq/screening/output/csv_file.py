"""A CSV file, plain or gzipped."""

from __future__ import annotations

import contextlib
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from molq.columns import Columns
from molq.errors import OutputError
from molq.screening.output.csv_text import csv_line, csv_rows
from molq.screening.output.format import Bounds, Finished
from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows

GZIP_LEVEL = 5


class CsvFile(msgspec.Struct, frozen=True, tag=True):
    """Every row, or with a threshold those that reach it; gzipped when the name ends in .gz."""

    path: str
    table: OutputTable

    @property
    def is_gzipped(self) -> bool:
        return self.path.lower().endswith(".gz")

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        return csv_rows(self.table, rows, scored, first_row)

    def sink(self, columns: Columns) -> CsvSink:
        return CsvSink(Path(self.path), csv_line(self.table.names(columns)), self.is_gzipped)

    def paths(self, columns: Columns) -> list[Path]:
        return [Path(self.path)]


class CsvSink:
    """One growing file, renamed at the end; with gzip each shard is a member of its own. The mark counts bytes."""

    def __init__(self, output: Path, header: bytes, gzipped: bool) -> None:
        self._output, self._header, self._gzipped = output, header, gzipped
        self._file: BinaryIO | None = None

    def open(self, folder: Path, mark: int, complete: bool) -> None:
        self._part = folder / "part"
        if complete and not self._part.exists():
            return  # it has its name already
        if mark and (not self._part.exists() or self._part.stat().st_size < mark):
            raise OutputError(f"{self._part}: shorter than the manifest says; start over with `force`")
        self._file = self._part.open("r+b" if mark else "wb")
        self._file.truncate(mark)
        self._file.seek(mark)
        self._compressor = self._new_compressor()
        if not mark:
            self.write(self._header)

    def write(self, body: bytes) -> None:
        assert self._file is not None
        self._file.write(self._compressor.compress(body) if self._compressor else body)

    def bounds(self) -> Bounds:
        return ()

    def commit(self) -> int:
        assert self._file is not None
        if self._compressor:
            self._file.write(self._compressor.flush())
            self._compressor = self._new_compressor()
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def finish(self) -> list[Finished]:
        self.close()
        return [Finished(self._part, self._output)]

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def _new_compressor(self) -> Any:
        return zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31) if self._gzipped else None
