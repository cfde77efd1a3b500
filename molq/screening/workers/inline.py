"""Chunks in this process, for a scorer that is already at hand. No timeouts, and a crash is a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from molq.columns import Columns
from molq.errors import MolqError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.blocks import small_blocks
from molq.screening.scored import Scorer
from molq.screening.workers.chunk_work import ChunkWorker, load_worker
from molq.screening.workers.job import Job
from molq.shortage import is_shortage, shortage


class InlineRunner:
    """Runs chunks one after the other; rows that raise are rejected as with worker processes."""

    replaced = 0
    n_workers = 0

    def __init__(self, job: Job, scorer: Scorer | None = None) -> None:
        self._job, self._scorer = job, scorer

    def start(self) -> None:
        self._worker = ChunkWorker(self._job, self._scorer) if self._scorer is not None else load_worker(self._job)

    def wait_until_ready(self) -> Columns:
        return self._worker.columns

    def run(
        self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]] = lambda: ()
    ) -> Iterator[ChunkResult]:
        for chunk in chunks:
            yield self._result(chunk, bounds())

    def _result(self, chunk: Chunk, bounds: Sequence[float | None]) -> ChunkResult:
        try:
            return self._worker.run(chunk, {}, bounds)
        except MolqError:
            raise
        except Exception:
            blocks = small_blocks(chunk.n_rows)
        try:
            return self._worker.run(chunk, {}, bounds, blocks, is_alone=True)
        except Exception as error:
            if isinstance(error, MolqError) or not is_shortage(error):
                raise
            row = chunk.first_row
            raise shortage(error, f"at rows {row + 1:,} to {row + chunk.n_rows:,}") from error

    def stop(self) -> None:
        pass
