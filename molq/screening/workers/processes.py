"""Chunks through worker processes and back in order, whatever happens to the workers."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator, Sequence

from molq.columns import Columns
from molq.errors import ShortageError, WorkersError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.blocks import BLOCK_ROWS, Block, small_blocks
from molq.screening.workers.job import Job
from molq.screening.workers.messages import At, Broken, ChunkDone, Short
from molq.screening.workers.model_process import REMEDY, ModelProcess, raise_reported
from molq.screening.workers.worker import Assignment, Worker

_CHUNKS_PER_WORKER = 2
_LOOK_AHEAD_PER_WORKER = 8
_LOOK_AHEAD_BYTES = 64 << 20
"""of raw records, in chunks that are not yet written"""
_MAX_DEATHS_WITHOUT_RESULT = 24
_PAUSES_S = (0.0, 1.0, 4.0, 15.0)
"""before each attempt to score a chunk alone, for which the machine was short"""
_CRASHES = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL")
_STRIKES = 2
_STRIKES_FROM_OUTSIDE = 4
_ALLOWED_ROW_SECONDS = 0.01


class _Lost(Exception):
    """A chunk that is not to be divided has cost a worker, or failed."""


class WorkerProcesses:
    """``n_workers`` processes that turn chunks into results.

    A worker that dies or takes longer than ``timeout_per_molecule`` (s) over a row is replaced. Its chunk is given out
    again in small announced blocks, then row by row, so that the row at fault is known after two steps where halving
    takes nine. A row is rejected when it has crashed two workers alone, or held up one. A ``model`` that is given is
    shared with others, and is theirs to start and to stop.
    """

    def __init__(
        self, job: Job, n_workers: int, timeout_per_molecule: float, model: ModelProcess | None = None
    ) -> None:
        self._model, self._shares_model = model or ModelProcess(job), model is not None
        self.n_workers, self._timeout = n_workers, timeout_per_molecule
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._again: list[Assignment] = []
        self._short: list[Assignment] = []
        """chunks for which the machine was short"""
        self._alone: Assignment | None = None
        """the one of them that is in work, and nothing beside it"""
        self._done: dict[int, ChunkResult] = {}
        self._deaths = 0
        self._row_seconds = 0.0
        self._patience_s: float | None = None
        """for a chunk that is not to be divided"""
        self.replaced = 0

    def start(self) -> None:
        if not self._shares_model:
            self._model.start()

    def wait_until_ready(self) -> Columns:
        """The chosen ones. Raises what loading the model raised."""
        if not self._shares_model:
            self._model.wait_until_ready()
        return self._model.columns

    def run(
        self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]] = lambda: ()
    ) -> Iterator[ChunkResult]:
        """Results in the order of ``chunks``; at most a fixed number of chunks is read ahead."""
        given, wanted, exhausted = 0, 0, False
        sizes: dict[int, int] = {}
        while True:
            self._staff(bounds)
            while (worker := self._free_worker()) is not None:
                if self._again:
                    worker.give(self._again.pop(0), bounds())
                    continue
                if exhausted or given >= wanted + _LOOK_AHEAD_PER_WORKER * self.n_workers:
                    break
                if sum(sizes.values()) > _LOOK_AHEAD_BYTES:
                    break
                chunk = next(chunks, None)
                if chunk is None:
                    exhausted = True
                else:
                    worker.give(Assignment(given, chunk), bounds())
                    sizes[given] = len(chunk.body)
                    given += 1
            if wanted in self._done:
                del sizes[wanted]
                yield self._done.pop(wanted)
                wanted += 1
            elif exhausted and wanted == given:
                return
            else:
                self._wait()

    def run_whole(self, chunk: Chunk, patience_s: float) -> ChunkResult | None:
        """The result of one chunk; None where it fails, costs a worker or takes so much longer than its rows may.

        Nobody looks for the row at fault then: a caller that knows which rows belong together asks for these again.
        """
        self._patience_s = min(patience_s, self._timeout)
        try:
            (result,) = self.run(iter([chunk]))
        except _Lost:
            return None
        finally:
            self._patience_s = None
        return result

    def stop(self) -> None:
        """End all processes, but for a model's that is shared."""
        for worker in self._workers:
            if self._shares_model:
                self._model.end(worker)
            worker.mailbox.close()
        self._selector.close()
        if not self._shares_model:
            self._model.stop()

    def _staff(self, bounds: Callable[[], Sequence[float | None]]) -> None:
        """As many workers as there should be. While the machine is short of something: a fresh one, for one chunk."""
        if not self._short and self._alone is None:
            while len(self._workers) < self.n_workers:
                self._hire()
        elif self._alone is None and not any(worker.assigned for worker in self._workers):
            for worker in list(self._workers):
                self._dismiss(worker)
            self._alone = self._short.pop(0)
            time.sleep(_PAUSES_S[self._alone.shortages - 1])
            self._hire()
            self._workers[0].give(self._alone, bounds())

    def _free_worker(self) -> Worker | None:
        if self._short or self._alone is not None:
            return None
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
                    self._alone = None if assignment is self._alone else self._alone
                    if assignment.blocks is None:
                        self._row_seconds = max(seconds / assignment.chunk.n_rows, 0.9 * self._row_seconds)
                    self._done[assignment.number] = ChunkResult(
                        message.n_rows,
                        message.scored,
                        message.reasons,
                        message.seconds,
                        message.n_trailing,
                        message.n_audited,
                        message.difference,
                        body,
                    )
                    self._deaths = 0
                case Broken() | Short() if self._patience_s is not None:
                    self._dismiss(worker)
                    raise _Lost
                case Broken() if worker.assigned[0].blocks is None:
                    assignment = worker.finish()
                    assignment.blocks = small_blocks(assignment.chunk.n_rows)
                    self._again.insert(0, assignment)
                case Short(text):
                    self._set_apart(worker, text)
                    return
                case _:
                    raise_reported(message)

    def _deadline(self, worker: Worker) -> float:
        """A molecule may take its limit; a chunk also what its rows may take together, however slow the model."""
        if worker.block is not None:
            start, stop = worker.block
            n_rows = stop - start - 1
        else:
            n_rows = worker.assigned[0].chunk.n_rows
        timeout = self._timeout if self._patience_s is None else self._patience_s
        return worker.since + timeout + n_rows * max(_ALLOWED_ROW_SECONDS, 10 * self._row_seconds)

    def _seconds_to_deadline(self) -> float | None:
        deadlines = [self._deadline(worker) for worker in self._workers if worker.assigned]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _replace(self, worker: Worker, overdue: str | None) -> None:
        """Take leave of a worker that died or hangs, and give its chunks out again."""
        ending = self._dismiss(worker)
        if worker.assigned and self._patience_s is not None:
            self.replaced += 1
            raise _Lost
        if worker.assigned:
            self._blame(worker.assigned[0], worker.block, overdue, ending)
            if worker.assigned[0] is self._alone:
                self._alone = None
                self._short[:0] = worker.assigned
            else:
                self._again[:0] = worker.assigned
        self._deaths += 1
        self.replaced += 1
        losses = max([self._deaths, *(assignment.losses for assignment in worker.assigned)])
        if losses > _MAX_DEATHS_WITHOUT_RESULT:
            raise WorkersError(f"{losses} workers in a row were lost without a result, the last was {ending}; {REMEDY}")

    def _dismiss(self, worker: Worker) -> str:
        """How the worker ended, or was ended, in words."""
        self._selector.unregister(worker.mailbox.sock)
        self._workers.remove(worker)
        return self._model.end(worker)

    def _set_apart(self, worker: Worker, text: str) -> None:
        """The machine was short while this worker worked: its chunk is tried again alone, and is not to blame.

        Raises ShortageError when that was done several times.
        """
        self._dismiss(worker)
        self.replaced += 1
        if not worker.assigned:
            return
        first, *others = worker.assigned
        self._again[:0] = others
        self._alone = None if first is self._alone else self._alone
        first.shortages += 1
        if first.shortages > len(_PAUSES_S):
            n_rows, row = first.chunk.n_rows, first.chunk.first_row
            raise ShortageError(
                f"the machine ran short at rows {row + 1:,} to {row + n_rows:,} ({text}), and again with one worker"
                " alone; free memory or disk space, or take fewer `workers`"
            )
        if first.blocks is None:
            first.blocks = small_blocks(first.chunk.n_rows)
        self._short.append(first)

    def _blame(self, assignment: Assignment, block: Block | None, overdue: str | None, ending: str) -> None:
        """Narrow down which row of a chunk cost a worker; reject it when it is certain.

        A worker may also have been killed from outside, while it happened to work on the row: so a suspect is tried
        again after all other rows, and it takes more to be certain unless the worker crashed by itself.
        """
        if assignment.blocks is None:
            assignment.blocks = small_blocks(assignment.chunk.n_rows, 1 if overdue else BLOCK_ROWS)
        elif block is None:
            assignment.losses += 1
        elif block[1] - block[0] > 1:
            others = [other for other in assignment.blocks if other != block]
            assignment.blocks = others + [(row, row + 1) for row in range(*block)]
        else:
            row = block[0]
            assignment.blocks = [other for other in assignment.blocks if other != block] + [block]
            assignment.suspects[row] = assignment.suspects.get(row, 0) + 1
            strikes = _STRIKES if ending.removeprefix("killed by ") in _CRASHES else _STRIKES_FROM_OUTSIDE
            if overdue or assignment.suspects[row] >= strikes:
                assignment.skipped[row] = overdue or f"a worker was {ending} on this molecule"
                self._deaths = 0
