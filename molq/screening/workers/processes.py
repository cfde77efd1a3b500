"""Chunks through worker processes and back in order, whatever happens to the workers."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator, Sequence

from molq.records.chunk import Chunk, ChunkResult
from molq.screening.workers.job import Job
from molq.screening.workers.messages import At, Block, Broken, ChunkDone
from molq.screening.workers.model_process import ModelProcess, raise_reported
from molq.screening.workers.worker import Assignment, Worker

_CHUNKS_PER_WORKER = 2
_LOOK_AHEAD_PER_WORKER = 8
_MAX_DEATHS_WITHOUT_RESULT = 24
_CRASHES = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL")
_STRIKES = 2
_STRIKES_FROM_OUTSIDE = 4
_BLOCK_ROWS = 32
_ALLOWED_ROW_SECONDS = 0.01


class WorkerProcesses:
    """``n_workers`` processes that turn chunks into results.

    A worker that dies or takes longer than ``timeout_per_molecule`` (s) over a row is replaced. Its chunk is given out
    again in small announced blocks, then row by row, so that the row at fault is known after two steps where halving
    takes nine. A row is rejected when it has crashed two workers alone, or held up one.
    """

    def __init__(self, job: Job, n_workers: int, timeout_per_molecule: float) -> None:
        self._model = ModelProcess(job)
        self._n_workers, self._timeout = n_workers, timeout_per_molecule
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._again: list[Assignment] = []
        self._done: dict[int, ChunkResult] = {}
        self._deaths = 0
        self._row_seconds = 0.0
        self.replaced = 0

    def start(self) -> None:
        self._model.start()

    def wait_until_ready(self) -> tuple[str, ...]:
        """Names of the chosen tasks. Raises what loading the model raised."""
        self._model.wait_until_ready()
        return self._model.tasks

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
        self._model.stop()

    def _free_worker(self) -> Worker | None:
        least = min(self._workers, key=lambda worker: len(worker.assigned))
        return least if len(least.assigned) < _CHUNKS_PER_WORKER else None

    def _hire(self) -> None:
        worker = self._model.fork()
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
        for message, body in worker.mailbox.collect():
            match message:
                case At(block):
                    worker.take_up(block)
                case ChunkDone():
                    seconds = time.monotonic() - worker.since
                    assignment = worker.finish()
                    if assignment.blocks is None:
                        self._row_seconds = max(seconds / assignment.chunk.n_rows, 0.9 * self._row_seconds)
                    self._done[assignment.number] = ChunkResult(
                        message.n_rows,
                        message.scored,
                        message.reasons,
                        message.seconds,
                        message.n_audited,
                        message.difference,
                        body,
                    )
                    self._deaths = 0
                case Broken() if worker.assigned[0].blocks is None:
                    assignment = worker.finish()
                    assignment.blocks = _blocks(assignment.chunk.n_rows, _BLOCK_ROWS)
                    self._again.insert(0, assignment)
                case _:
                    raise_reported(message)

    def _deadline(self, worker: Worker) -> float:
        """A molecule may take its limit; a chunk also what its rows may take together, however slow the model."""
        if worker.block is not None:
            start, stop = worker.block
            n_rows = stop - start - 1
        else:
            n_rows = worker.assigned[0].chunk.n_rows
        return worker.since + self._timeout + n_rows * max(_ALLOWED_ROW_SECONDS, 10 * self._row_seconds)

    def _seconds_to_deadline(self) -> float | None:
        deadlines = [self._deadline(worker) for worker in self._workers if worker.assigned]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _replace(self, worker: Worker, overdue: str | None) -> None:
        """Put a new worker in the place of one that died or hangs, and give its chunks out again."""
        self._selector.unregister(worker.mailbox.sock)
        self._workers.remove(worker)
        ending = self._model.end(worker)
        if worker.assigned:
            self._blame(worker.assigned[0], worker.block, overdue, ending)
            self._again[:0] = worker.assigned
        self._deaths += 1
        self.replaced += 1
        if self._deaths > _MAX_DEATHS_WITHOUT_RESULT:
            raise RuntimeError(f"{self._deaths} workers in a row were lost without a result; the last was {ending}")
        self._hire()

    def _blame(self, assignment: Assignment, block: Block | None, overdue: str | None, ending: str) -> None:
        """Narrow down which row of a chunk cost a worker; reject it when it is certain.

        A worker may also have been killed from outside, while it happened to work on the row: so a suspect is tried
        again after all other rows, and it takes more to be certain unless the worker crashed by itself.
        """
        if assignment.blocks is None:
            assignment.blocks = _blocks(assignment.chunk.n_rows, 1 if overdue else _BLOCK_ROWS)
        elif block is not None and block[1] - block[0] > 1:
            others = [other for other in assignment.blocks if other != block]
            assignment.blocks = others + [(row, row + 1) for row in range(*block)]
        elif block is not None:
            row = block[0]
            assignment.blocks = [other for other in assignment.blocks if other != block] + [block]
            assignment.suspects[row] = assignment.suspects.get(row, 0) + 1
            strikes = _STRIKES if ending.removeprefix("killed by ") in _CRASHES else _STRIKES_FROM_OUTSIDE
            if overdue or assignment.suspects[row] >= strikes:
                assignment.skipped[row] = overdue or f"a worker was {ending} on this molecule"
                self._deaths = 0


def _blocks(n_rows: int, size: int) -> list[Block]:
    return [(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
