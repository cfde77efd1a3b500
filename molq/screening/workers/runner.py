"""Who turns chunks into results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from molq.columns import Columns
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.scored import Scorer
from molq.screening.settings import RAY, Manner
from molq.screening.workers.job import Job
from molq.screening.workers.processes import WorkerProcesses


class ChunkRunner(Protocol):
    """Worker processes, Ray actors, or this process."""

    replaced: int
    """workers lost so far"""

    @property
    def n_workers(self) -> int: ...

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


def make_runner(job: Job, manner: Manner, scorer: Scorer | None = None) -> ChunkRunner:
    """Worker processes, or actors where Ray is the engine.

    This process when there are to be no workers, for a scorer at hand, and on Windows, without fork.
    """
    if scorer is None and manner.engine == RAY:
        from molq.screening.workers.ray_actors import RayActors

        return RayActors(job, manner.n_workers, manner.concurrency, manner.timeout_per_molecule, manner.address)
    if scorer is None and manner.n_workers > 0 and sys.platform != "win32":
        return WorkerProcesses(job, manner.n_workers, manner.timeout_per_molecule)
    from molq.screening.workers.inline import InlineRunner

    return InlineRunner(job, scorer)
