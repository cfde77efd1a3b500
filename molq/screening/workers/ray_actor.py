"""What a Ray actor does with chunks: hands them to a worker process of its own."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Sequence
from typing import NamedTuple

from molq import __version__
from molq.errors import InputError, MolqError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.workers.job import Job
from molq.screening.workers.messages import Broken, Failed, Ready, Short
from molq.screening.workers.processes import WorkerProcesses
from molq.shortage import in_a_line, is_shortage


class CallDone(NamedTuple):
    """Chunks that an actor has done, in their order."""

    results: list[ChunkResult]
    replaced: int
    """worker processes that it lost over them"""


class ScoringActor:
    """One worker process, which holds the model, and the supervision of it that every screen has.

    A molecule that kills or holds up the process is found and rejected here, in the same words as without Ray; the
    actor itself lives on. Errors are answers, told apart as between processes of one machine.
    """

    def __init__(self, version: str, job: Job, timeout_per_molecule: float) -> None:
        self._version, self._job, self._timeout = version, job, timeout_per_molecule
        self._processes: WorkerProcesses | None = None

    def load(self) -> Ready | Failed | Short | Broken:
        """Load the model; the columns it gives."""
        try:
            if self._version != __version__:
                raise InputError(
                    f"{socket.gethostname()} has molq {__version__}, and this is {self._version}; install the same on"
                    " every node"
                )
            self._processes = WorkerProcesses(self._job, 1, self._timeout)
            self._processes.start()
            return Ready(self._processes.wait_until_ready())
        except Exception as error:
            return _told(error)

    def score(self, chunks: Sequence[Chunk], bounds: Sequence[float | None]) -> CallDone | Failed | Short | Broken:
        """The results of chunks; rows that no longer reach ``bounds`` are left out."""
        assert self._processes is not None
        before = self._processes.replaced
        try:
            results = list(self._processes.run(iter(chunks), lambda: bounds))
        except Exception as error:
            return _told(error)
        return CallDone(results, self._processes.replaced - before)


def _told(error: Exception) -> Failed | Short | Broken:
    if isinstance(error, MolqError):
        return Failed(type(error).__name__, str(error))
    if is_shortage(error):
        return Short(in_a_line(error))
    return Broken("".join(traceback.format_exception(error)).strip())
