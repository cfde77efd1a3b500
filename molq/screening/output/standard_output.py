"""CSV to standard output, as it comes."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from molq.columns import Columns
from molq.screening.output.csv_text import csv_line, csv_rows
from molq.screening.output.format import Bounds, Finished
from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows


class StandardOutput(msgspec.Struct, frozen=True, tag=True):
    """The rows of a CSV file, which cannot be resumed."""

    table: OutputTable

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        return csv_rows(self.table, rows, scored, first_row)

    def sink(self, columns: Columns) -> StandardOutputSink:
        return StandardOutputSink(csv_line(self.table.names(columns)))

    def paths(self, columns: Columns) -> list[Path]:
        return []


class StandardOutputSink:
    def __init__(self, header: bytes) -> None:
        self._header = header

    def open(self, folder: Path, mark: int, complete: bool) -> None:
        self.write(self._header)

    def write(self, body: bytes) -> None:
        sys.stdout.buffer.write(body)

    def bounds(self) -> Bounds:
        return ()

    def commit(self) -> int:
        sys.stdout.buffer.flush()
        return 0

    def finish(self) -> list[Finished]:
        return []

    def close(self) -> None:
        pass
