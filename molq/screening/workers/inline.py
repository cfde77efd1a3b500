"""Chunks in this process, for a scorer that is already at hand. No timeouts, and a crash is a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from molq.errors import MolqError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.scored import Scorer
from molq.screening.workers.chunk_work import ChunkWorker, load_worker
from molq.screening.workers.job import Job


class InlineRunner:
    """Runs chunks one after the other; rows that raise are rejected as with worker processes."""

    replaced = 0

    def __init__(self, job: Job, scorer: Scorer | None = None) -> None:
        self._job, self._scorer = job, scorer

    def start(self) -> None:
        self._worker = ChunkWorker(self._job, self._scorer) if self._scorer is not None else load_worker(self._job)

    def wait_until_ready(self) -> tuple[str, ...]:
        return self._worker.task_names

    def run(
        self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]] = lambda: ()
    ) -> Iterator[ChunkResult]:
        for chunk in chunks:
            try:
                yield self._worker.run(chunk, {}, bounds())
            except MolqError:
                raise
            except Exception:
                yield self._worker.run(chunk, {}, bounds(), [(0, chunk.n_rows)])

    def stop(self) -> None:
        pass
