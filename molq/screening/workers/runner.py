"""Who turns chunks into results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from molq.columns import Columns
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.scored import Scorer
from molq.screening.workers.job import Job
from molq.screening.workers.processes import WorkerProcesses


class ChunkRunner(Protocol):
    """Worker processes, or this process."""

    replaced: int
    """workers lost so far"""

    def start(self) -> None:
        """May return before the model is loaded."""
        ...

    def wait_until_ready(self) -> Columns:
        """The chosen ones. Raises what loading the model raised."""
        ...

    def run(self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]]) -> Iterator[ChunkResult]:
        """Results in the order of the chunks."""
        ...

    def stop(self) -> None: ...


def make_runner(job: Job, n_workers: int, timeout_per_molecule: float, scorer: Scorer | None = None) -> ChunkRunner:
    """Worker processes; this process when there are to be none, for a scorer at hand, and on Windows, without fork."""
    if scorer is None and n_workers > 0 and sys.platform != "win32":
        return WorkerProcesses(job, n_workers, timeout_per_molecule)
    from molq.screening.workers.inline import InlineRunner

    return InlineRunner(job, scorer)
