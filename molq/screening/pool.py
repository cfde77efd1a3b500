"""Chunks through worker processes and back in order, whatever happens to the workers."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator, Sequence

from molq.screening.chunk import Chunk, ChunkResult
from molq.screening.job import Job
from molq.screening.workers import Assignment, Worker, WorkerServer, raise_reported

_CHUNKS_PER_WORKER = 2
_LOOK_AHEAD_PER_WORKER = 8
_MAX_DEATHS_WITHOUT_RESULT = 24
_STRIKES = 2


class Pool:
    """``n_workers`` processes that turn chunks into results.

    A worker that dies or takes longer than ``timeout_per_molecule`` (s) over a row is replaced. Its chunk is given out
    again a row at a time, each announced, so the row at fault is known at once, not after bisection. A row is rejected
    when it has cost two workers, or one by time.
    """

    def __init__(self, job: Job, n_workers: int, timeout_per_molecule: float) -> None:
        self._server = WorkerServer(job)
        self._n_workers, self._timeout = n_workers, timeout_per_molecule
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._again: list[Assignment] = []
        self._done: dict[int, ChunkResult] = {}
        self._deaths = 0
        self._typical_seconds = 0.0
        self.replaced = 0

    def start(self) -> None:
        self._server.start()

    def wait_until_ready(self) -> tuple[str, ...]:
        """Task names of the model. Raises what loading it raised."""
        self._server.wait_until_ready()
        return self._server.tasks

    def run(
        self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]] = lambda: ()
    ) -> Iterator[ChunkResult]:
        """Results in the order of ``chunks``; at most a fixed number of chunks is read ahead."""
        while len(self._workers) < self._n_workers:
            self._hire()
        given, wanted, exhausted = 0, 0, False
        while True:
            while (worker := self._free_worker()) is not None:
                if self._again:
                    worker.give(self._again.pop(0), bounds())
                    continue
                if exhausted or given >= wanted + _LOOK_AHEAD_PER_WORKER * self._n_workers:
                    break
                chunk = next(chunks, None)
                if chunk is None:
                    exhausted = True
                else:
                    worker.give(Assignment(given, chunk), bounds())
                    given += 1
            if wanted in self._done:
                yield self._done.pop(wanted)
                wanted += 1
            elif exhausted and wanted == given:
                return
            else:
                self._wait()

    def stop(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.mailbox.close()
        self._selector.close()
        self._server.stop()

    def _free_worker(self) -> Worker | None:
        least = min(self._workers, key=lambda worker: len(worker.assigned))
        return least if len(least.assigned) < _CHUNKS_PER_WORKER else None

    def _hire(self) -> None:
        worker = self._server.fork()
        self._workers.append(worker)
        self._selector.register(worker.mailbox.sock, selectors.EVENT_READ, worker)

    def _wait(self) -> None:
        """Until a worker has something to say, or has been silent for too long."""
        for worker in self._workers:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if worker.mailbox.wants_to_write else 0)
            if self._selector.get_key(worker.mailbox.sock).events != events:
                self._selector.modify(worker.mailbox.sock, events, worker)
        for key, events in self._selector.select(self._seconds_to_deadline()):
            worker = key.data
            if events & selectors.EVENT_WRITE:
                worker.mailbox.flush()
            if events & selectors.EVENT_READ:
                self._listen(worker)
        for worker in list(self._workers):
            if not worker.mailbox.open:
                self._replace(worker, None)
            elif worker.assigned and time.monotonic() > self._deadline(worker):
                self._replace(worker, f"took longer than {self._timeout:g} s")

    def _listen(self, worker: Worker) -> None:
        for message in worker.mailbox.collect():
            head = message.head
            if "at" in head:
                worker.row, worker.since = head["at"], time.monotonic()
            elif "done" in head:
                seconds = time.monotonic() - worker.since
                assignment = worker.finish()
                if not assignment.careful:
                    self._typical_seconds = max(seconds, 0.9 * self._typical_seconds)
                n_rows, scored, reasons, stages = head["done"]
                self._done[assignment.number] = ChunkResult(n_rows, scored, reasons, stages, message.body)
                self._deaths = 0
            elif "error" in head and not worker.assigned[0].careful:
                assignment = worker.finish()
                assignment.careful = True
                self._again.insert(0, assignment)
            else:
                raise_reported(head)

    def _deadline(self, worker: Worker) -> float:
        """A chunk may take ten times as long as chunks do, and a molecule its limit."""
        if worker.assigned[0].careful and worker.row is not None:
            return worker.since + self._timeout
        return worker.since + self._timeout + 10 * self._typical_seconds

    def _seconds_to_deadline(self) -> float | None:
        deadlines = [self._deadline(worker) for worker in self._workers if worker.assigned]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _replace(self, worker: Worker, overdue: str | None) -> None:
        """Put a new worker in the place of one that died or hangs, and give its chunks out again."""
        self._selector.unregister(worker.mailbox.sock)
        self._workers.remove(worker)
        ending = self._server.end(worker)
        if worker.assigned:
            self._blame(worker.assigned[0], worker.row, overdue, f"a worker was {ending} on this molecule")
            self._again[:0] = worker.assigned
        self._deaths += 1
        self.replaced += 1
        if self._deaths > _MAX_DEATHS_WITHOUT_RESULT:
            raise RuntimeError(f"{self._deaths} workers in a row were lost without a result; the last was {ending}")
        self._hire()

    def _blame(self, assignment: Assignment, row: int | None, overdue: str | None, death: str) -> None:
        if not assignment.careful or row is None:
            assignment.careful = True
            return
        assignment.suspects[row] = assignment.suspects.get(row, 0) + 1
        if overdue or assignment.suspects[row] >= _STRIKES:
            assignment.skipped[row] = overdue or death
            self._deaths = 0
