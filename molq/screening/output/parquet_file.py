"""A Parquet file of scores."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from molq.columns import Columns
from molq.records.arrow import arrow_bytes
from molq.records.cells import as_arrow
from molq.screening.output.format import Bounds
from molq.screening.output.parquet_sink import ParquetSink
from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows


class ParquetFile(msgspec.Struct, frozen=True, tag=True):
    """Every row, or with a threshold those that reach it; scores are float32, null where the row is rejected."""

    path: str
    table: OutputTable

    def body(self, rows: Rows, scored: ScoredRows, first_row: int, bounds: Bounds) -> bytes:
        """An Arrow stream, its columns named by their numbers."""
        import pyarrow as pa

        n_rows, selection = len(rows.smiles), self.table.selection
        texts = [as_arrow(column) for column in self.table.texts(rows)]
        if selection.threshold is not None:
            at = selection.reached(scored.predictions)
            index = scored.kept[at]
            columns = [pa.array(index + first_row), *(text.take(pa.array(index)) for text in texts)]
            columns += [pa.array(np.ascontiguousarray(column)) for column in scored.scores[at].T]
        else:
            absent = np.ones(n_rows, bool)
            absent[scored.kept] = False
            scores = np.full((scored.scores.shape[1], n_rows), np.nan, np.float32)
            scores[:, scored.kept] = scored.scores.T
            reasons = pa.array([scored.rejected.get(row) for row in range(n_rows)], pa.string())
            columns = [*texts, *(pa.array(column, mask=absent) for column in scores), reasons]
        return arrow_bytes(pa.RecordBatch.from_arrays(columns, [str(i) for i in range(len(columns))]))

    def sink(self, columns: Columns) -> ParquetSink:
        return ParquetSink(Path(self.path), self.table.schema(columns))

    def paths(self, columns: Columns) -> list[Path]:
        return [Path(self.path)]
