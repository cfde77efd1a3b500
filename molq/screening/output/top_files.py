"""The best rows by each prediction, one file a prediction."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from molq.columns import Columns, ranked
from molq.errors import OutputError
from molq.files import sync_file, write_whole
from molq.screening.output.best import BestRow, BestRows
from molq.screening.output.csv_file import GZIP_LEVEL
from molq.screening.output.csv_text import csv_line
from molq.screening.output.format import Bounds, Finished
from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows
from molq.task_names import file_parts

_DECODER = msgspec.msgpack.Decoder(list[list[BestRow]])


class TopFiles(msgspec.Struct, frozen=True, tag=True):
    """OUT.csv for one prediction, OUT.NAME.csv for each of several; .csv.gz and .parquet too."""

    path: str
    table: OutputTable

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        """[R][at most K] rows that may be among the best; an equal score of a later row is not."""
        selection, scores, predictions = self.table.selection, scored.scores, scored.predictions
        sign = np.float32(-1 if selection.lowest else 1)
        texts = self.table.texts(rows)
        passing = np.ones(len(scores), bool) if selection.threshold is None else selection.reached(predictions)
        found: list[list[BestRow]] = []
        for place, bound in zip(range(predictions.shape[1]), bounds, strict=True):
            keys = sign * predictions[:, place]
            wanted = passing if bound is None else passing & (keys > sign * np.float32(bound))
            at = np.flatnonzero(wanted & ~np.isnan(keys))
            best = at[np.argsort(-keys[at], kind="stable")[: selection.top]]
            found.append(
                [
                    BestRow(score, first_row + row, [text[row] for text in texts], scores[i].tolist())
                    for i, row, score in zip(
                        best.tolist(), scored.kept[best].tolist(), predictions[best, place].tolist(), strict=True
                    )
                ]
            )
        return msgspec.msgpack.encode(found)

    def sink(self, columns: Columns) -> TopSink:
        return TopSink(self.paths(columns), self.table, columns)

    def paths(self, columns: Columns) -> list[Path]:
        path = Path(self.path)
        names = [columns[place].name for place in ranked(columns)]
        if len(names) == 1:
            return [path]
        ending = "".join(path.suffixes[-2:]) if path.suffix.lower() == ".gz" else path.suffix
        stem = path.name.removesuffix(ending)
        return [path.with_name(f"{stem}.{part}{ending}") for part in file_parts(names)]


class TopSink:
    """Keeps the best rows by each prediction in memory. The mark counts commits."""

    def __init__(self, outputs: list[Path], table: OutputTable, columns: Columns) -> None:
        self._outputs, self._names, self._schema = outputs, table.names(columns), table.schema(columns)
        selection = table.selection
        self._best = [BestRows(selection.top or 0, selection.lowest) for _ in outputs]

    def open(self, folder: Path, mark: int, complete: bool) -> None:
        self._folder, self._n_commits = folder, mark
        if mark:
            try:
                self.write(self._state_file(mark).read_bytes())
            except (msgspec.DecodeError, ValueError, FileNotFoundError) as error:
                raise OutputError(f"{self._state_file(mark)}: is damaged; start over with `force`") from error

    def write(self, body: bytes) -> None:
        for best, rows in zip(self._best, _DECODER.decode(body), strict=True):
            best.add(rows)

    def bounds(self) -> Bounds:
        return [best.bound for best in self._best]

    def commit(self) -> int:
        content = msgspec.msgpack.encode([best.sorted() for best in self._best])
        write_whole(self._state_file(self._n_commits + 1), content)
        self._state_file(self._n_commits - 1).unlink(missing_ok=True)  # the last mark may yet be the one to go on from
        self._n_commits += 1
        return self._n_commits

    def finish(self) -> list[Finished]:
        finished = []
        for i, (path, best) in enumerate(zip(self._outputs, self._best, strict=True)):
            whole = self._folder / f"whole-{i}"
            self._write(whole, path.suffix.lower(), self._columns(best.sorted()))
            sync_file(whole)
            finished.append(Finished(whole, path))
        return finished

    def write_once(self, path: Path) -> None:
        """A Parquet file of every row that is among the best by any prediction, once, in the order of the library."""
        rows = {row.row: row for best in self._best for row in best.sorted()}
        self._write(path, ".parquet", self._columns([rows[row] for row in sorted(rows)]))

    def close(self) -> None:
        pass

    def _write(self, path: Path, suffix: str, columns: list[Any]) -> None:
        if suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.table(columns, schema=self._schema), path, compression="zstd", write_page_checksum=True)
            return
        texts = [column.cast("string").to_pylist() for column in columns]
        data = csv_line(self._names) + b"".join(csv_line(line) for line in zip(*texts, strict=True))
        path.write_bytes(gzip.compress(data, GZIP_LEVEL, mtime=0) if suffix == ".gz" else data)

    def _columns(self, best: list[BestRow]) -> list[Any]:
        import pyarrow as pa

        values = [[one.row, *one.texts, *one.scores] for one in best]
        by_column = zip(*values, strict=True) if values else ([] for _ in self._schema)
        return [pa.array(list(column), field.type) for column, field in zip(by_column, self._schema, strict=True)]

    def _state_file(self, n: int) -> Path:
        return self._folder / f"best-{n}.msgpack"
