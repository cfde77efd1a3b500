"""Worker processes that answer questions: those of a screen, each fed by a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from threading import Lock, Thread
from typing import NamedTuple

import msgspec

from molq.chem.audit import AUDIT_RATE
from molq.errors import MolqError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.output.standard_output import StandardOutput
from molq.screening.output.table import OutputTable
from molq.screening.settings import MAX_ATOMS
from molq.screening.workers.job import LOADER, Job, ModelSource
from molq.screening.workers.model_process import ModelProcess
from molq.screening.workers.processes import WorkerProcesses
from molq.server.pool.questions import Answer, Question, Refused, answer_in, packed
from molq.server.pool.waiting import Asked, WaitingQuestions, joined, parted

MAKER = "molq.server.pool.request_worker:load_request_worker"
_MOST_WAITING_ROWS = 200_000
_PATIENCE_S = 1.0
"""with questions that were joined; then each is answered for itself"""
_CLOSE_SECONDS = 2.0
"""for a worker to finish what it has begun"""
_STOPPED = "the server is being stopped"
_FAILED = "the server's workers failed on this question ({}); ask again, and report it if it stays so"


class Counts(NamedTuple):
    """What the workers have done since the start."""

    batches: int
    questions: int
    rows: int
    replaced: int
    waiting_rows: int
    busy: int


class WorkerPool:
    """``n_workers`` processes forked from one that holds the models.

    Questions that wait are given to a worker together, as a score does not depend on its batch-mates; where that fails
    or takes long, each is answered for itself. A molecule that hangs or kills its worker is found and rejected as in a
    screen, and holds up no other question while there is another worker. Raises what loading the models raises.
    """

    def __init__(
        self, models: Sequence[ModelSource], n_workers: int, timeout_per_molecule: float, loader: str = LOADER
    ) -> None:
        self._job = Job(
            models=tuple(models),
            output=StandardOutput(OutputTable(has_id=False)),
            layouts=(),
            max_atoms=MAX_ATOMS,
            audit_rate=AUDIT_RATE,
            loader=loader,
            maker=MAKER,
        )
        self._model = ModelProcess(self._job)
        self._waiting = WaitingQuestions(_MOST_WAITING_ROWS)
        self._timeout = timeout_per_molecule
        self._lock = Lock()
        self._counts = [0, 0, 0, 0, 0]
        self.difference: str | None = None
        """the SMILES that the fast path read otherwise than RDKit, which has read everything since"""
        self._model.start()
        self._model.wait_until_ready()
        self._threads = [Thread(target=self._serve, daemon=True, name=f"worker {i}") for i in range(n_workers)]
        for thread in self._threads:
            thread.start()

    async def ask(self, question: Question, *, background: bool = False) -> Answer:
        """The answer. Raises BusyError when too much is asked already."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.put(Asked(question, answer, loop), background=background)
        return await answer

    @property
    def counts(self) -> Counts:
        batches, questions, rows, replaced, busy = self._counts
        return Counts(batches, questions, rows, replaced, self._waiting.n_rows, busy)

    @property
    def is_alive(self) -> bool:
        """Whether anybody answers."""
        return any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """End all processes; what is not answered is refused."""
        left = self._waiting.close()
        _deliver(left, [Refused(_STOPPED, is_fault=True)] * len(left))
        for thread in self._threads:
            thread.join(_CLOSE_SECONDS)
        self._model.stop()

    def _serve(self) -> None:
        """Feed one worker until the pool is closed."""
        processes: WorkerProcesses | None = None
        while taken := self._waiting.take():
            taken = [asked for asked in taken if not asked.answer.cancelled()]
            if not taken:
                continue
            self._count(busy=1)
            try:
                processes = processes or WorkerProcesses(self._job, 1, self._timeout, self._model)
                before = processes.replaced
                answers = self._answers(processes, [asked.question for asked in taken])
                if answers is None:
                    taken = self._waiting.put_apart(taken)
                    answers = [Refused(_STOPPED, is_fault=True)] * len(taken)
                self._count(1, len(taken), sum(asked.question.n_rows for asked in taken), processes.replaced - before)
            except Exception as error:
                why = str(error) if isinstance(error, MolqError) else f"{type(error).__name__}: {error}"
                answers = [Refused(_FAILED.format(why), is_fault=True)] * len(taken)
                if processes is not None:
                    processes.stop()
                processes = None
            self._count(busy=-1)
            _deliver(taken, answers)
        if processes is not None:
            processes.stop()

    def _answers(self, processes: WorkerProcesses, questions: list[Question]) -> list[Answer] | None:
        """None where several questions together have failed."""
        question = joined(questions)
        chunk = Chunk(0, 0, question.n_rows, packed(question))
        ask = partial(_result, processes, chunk, is_joined=len(questions) > 1)
        result = ask()
        if result is not None and result.difference is not None:
            self._distrust(result.difference)
            result = ask()
        return None if result is None else parted(answer_in(result.body), questions)

    def _distrust(self, smiles: str) -> None:
        """RDKit reads everything from now on."""
        with self._lock:
            if self.difference is None:
                self.difference = smiles
                self._job = msgspec.structs.replace(self._job, audit_rate=None)
                self._model.begin_anew(self._job)

    def _count(self, batches: int = 0, questions: int = 0, rows: int = 0, replaced: int = 0, busy: int = 0) -> None:
        with self._lock:
            more = (batches, questions, rows, replaced, busy)
            self._counts = [a + b for a, b in zip(self._counts, more, strict=True)]


def _result(processes: WorkerProcesses, chunk: Chunk, *, is_joined: bool) -> ChunkResult | None:
    if is_joined:
        return processes.run_whole(chunk, _PATIENCE_S)
    (result,) = processes.run(iter([chunk]))
    return result


def _deliver(asked: list[Asked], answers: Sequence[Answer]) -> None:
    """Tell each who waits, in its own event loop."""
    loops = {id(one.loop): one.loop for one in asked}
    for key, loop in loops.items():
        mine = [(one.answer, answer) for one, answer in zip(asked, answers, strict=True) if id(one.loop) == key]
        try:
            loop.call_soon_threadsafe(_settle, mine)
        except RuntimeError:  # the loop is closed, and nobody waits there
            continue


def _settle(answers: list[tuple[asyncio.Future[Answer], Answer]]) -> None:
    for future, answer in answers:
        if not future.done():
            future.set_result(answer)
