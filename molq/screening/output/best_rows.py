"""Of a shard, the rows that are among the best by any prediction, in one table."""

from __future__ import annotations

from pathlib import Path

import msgspec

from molq.columns import Columns, ranked
from molq.files import sync_file
from molq.screening.output.format import Bounds, Finished
from molq.screening.output.table import OutputTable
from molq.screening.output.top_files import TopFiles, TopSink
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows


class BestRowsFile(msgspec.Struct, frozen=True, tag=True):
    """A Parquet file of them in the order of the library. The best of all shards are among theirs."""

    path: str
    table: OutputTable

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        return TopFiles(self.path, self.table).body(rows, scored, first_row, bounds)

    def sink(self, columns: Columns) -> BestRowsSink:
        return BestRowsSink(Path(self.path), self.table, columns)

    def paths(self, columns: Columns) -> list[Path]:
        return [Path(self.path)]


class BestRowsSink:
    """Keeps the best rows by each prediction as ``TopSink`` does, and writes each of them once."""

    def __init__(self, output: Path, table: OutputTable, columns: Columns) -> None:
        self._output = output
        self._best = TopSink([output] * len(ranked(columns)), table, columns)

    def open(self, folder: Path, mark: int, complete: bool) -> None:
        self._folder = folder
        self._best.open(folder, mark, complete)

    def write(self, body: bytes) -> None:
        self._best.write(body)

    def bounds(self) -> Bounds:
        return self._best.bounds()

    def commit(self) -> int:
        return self._best.commit()

    def finish(self) -> list[Finished]:
        whole = self._folder / "whole.parquet"
        self._best.write_once(whole)
        sync_file(whole)
        return [Finished(whole, self._output)]

    def close(self) -> None:
        self._best.close()
