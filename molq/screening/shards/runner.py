"""Rows of finished shards on their way into one output: what workers compute is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from molq.columns import Columns
from molq.records.arrow import batch_of
from molq.records.cells import Cells, cells_of_arrow
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.output.format import OutputFormat
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows
from molq.screening.shards.manifest import ShardManifest


class ShardsRunner:
    """Gives the chunks of ``ShardsReader`` the form of the output. A shard's tally goes with its last chunk."""

    replaced = n_workers = 0

    def __init__(self, shards: Sequence[ShardManifest], first_rows: Sequence[int], output: OutputFormat) -> None:
        self._shards, self._first_rows, self._output = shards, first_rows, output

    def start(self) -> None:
        """There is no model."""

    def wait_until_ready(self) -> Columns:
        return self._shards[0].columns

    def run(self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]]) -> Iterator[ChunkResult]:
        for chunk in chunks:
            manifest, first = self._shards[chunk.layout], self._first_rows[chunk.layout]
            rows, scored = _rows_of(chunk, chunk.first_row - first, manifest)
            body = self._output.body(rows, scored, chunk.first_row, bounds())
            done = manifest.done
            if chunk.first_row + chunk.n_rows < first + done.rows:
                yield ChunkResult(chunk.n_rows, 0, {}, {}, 0, 0, None, body)
            else:
                yield ChunkResult(chunk.n_rows, done.scored, done.reasons, {}, done.trailing, done.audited, None, body)

    def stop(self) -> None:
        """Nothing runs."""


def _rows_of(chunk: Chunk, first_row: int, manifest: ShardManifest) -> tuple[Rows, ScoredRows]:
    """The rows of a chunk, whose first is ``first_row`` of its shard; those that are not kept there are empty."""
    batch, table, n_columns = batch_of(chunk.body), manifest.table, len(manifest.columns)
    n_texts = 1 + table.has_id + len(table.columns)
    at = batch.column(0).to_numpy() - first_row
    texts = [_spread(cells_of_arrow(batch.column(1 + i)), at, chunk.n_rows) for i in range(n_texts)]
    columns = [batch.column(1 + n_texts + i) for i in range(n_columns)]
    scores = np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1).astype(np.float32)
    rejected: dict[int, str] = {}
    if not table.selection.active:
        reasons = batch.column(1 + n_texts + n_columns)
        refused = np.flatnonzero(reasons.is_valid().to_numpy(zero_copy_only=False))
        rejected = dict(zip(at[refused].tolist(), reasons.take(refused).to_pylist(), strict=True))
        kept = reasons.is_null().to_numpy(zero_copy_only=False)
        at, scores = at[kept], scores[kept]
    ids = texts[1] if table.has_id else [""] * chunk.n_rows
    rows = Rows(texts[0], ids, texts[1 + table.has_id :], rejected)
    return rows, ScoredRows(at, np.ascontiguousarray(scores), rejected, manifest.columns)


def _spread(cells: Cells, at: np.ndarray, n_rows: int) -> Cells:
    """The cells in rows ``at`` of so many; the others are empty."""
    if len(cells) == n_rows:
        return cells
    lengths = np.zeros(n_rows + 1, np.int64)
    lengths[at + 1] = np.diff(cells.offsets)
    return Cells(cells.data, np.cumsum(lengths))
