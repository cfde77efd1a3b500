"""Questions that wait for a worker, joined where they ask the same of different molecules."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from threading import Condition
from typing import NamedTuple

from msgspec.structs import replace

from molq.server.pool.questions import Answer, ModelScores, Question, Score, ScoreAnswer

BATCH_ROWS = 512
"""rows that a worker is given at once"""
_LOOKED_AT = 256
"""waiting questions among which those are looked for that go with the first"""


class BusyError(Exception):
    """More rows wait than the server holds."""


class Asked(NamedTuple):
    """A question, and who waits for its answer."""

    question: Question
    answer: asyncio.Future[Answer]
    loop: asyncio.AbstractEventLoop
    is_apart: bool = False
    """whether it is answered alone, since one of those that it was joined with has failed"""


class WaitingQuestions:
    """First come, first served; those in the background last. Filled by one event loop, emptied by threads."""

    def __init__(self, most_rows: int) -> None:
        self._most_rows = most_rows
        self._asked: deque[Asked] = deque()
        self._background: deque[Asked] = deque()
        self._filled = Condition()
        self._closed = False
        self._n_background = 0
        self.n_rows = 0
        """that wait, those in the background too"""

    def put(self, asked: Asked, *, background: bool = False) -> None:
        """Raises BusyError when too many rows wait already, those in the background not counted."""
        with self._filled:
            n_rows = asked.question.n_rows
            if self.n_rows - self._n_background + n_rows > self._most_rows and not background:
                raise BusyError
            self.n_rows += n_rows
            self._n_background += n_rows * background
            (self._background if background else self._asked).append(asked)
            self._filled.notify()

    def put_apart(self, several: Sequence[Asked]) -> list[Asked]:
        """Questions that were taken together wait again, each for itself; those for which it is too late."""
        with self._filled:
            if self._closed:
                return list(several)
            for asked in several:
                self.n_rows += asked.question.n_rows
                self._asked.append(asked._replace(is_apart=True))
            self._filled.notify_all()
            return []

    def take(self) -> list[Asked]:
        """The oldest question, waited for, and others that a worker can answer with it; none when it is closed."""
        with self._filled:
            while not (self._asked or self._background or self._closed):
                self._filled.wait()
            if self._closed:
                return []
            line = self._asked or self._background
            taken = [line.popleft()]
            kept: list[Asked] = []
            n_rows = taken[0].question.n_rows
            for _ in range(min(_LOOKED_AT, len(line))):
                if n_rows >= BATCH_ROWS:
                    break
                asked = line.popleft()
                fits = n_rows + asked.question.n_rows <= BATCH_ROWS
                is_apart = taken[0].is_apart or asked.is_apart
                if fits and not is_apart and _go_together(taken[0].question, asked.question):
                    taken.append(asked)
                    n_rows += asked.question.n_rows
                else:
                    kept.append(asked)
            line.extendleft(reversed(kept))
            self.n_rows -= n_rows
            self._n_background -= n_rows * (line is self._background)
            return taken

    def close(self) -> list[Asked]:
        """Those that will not be answered; whoever waits in ``take`` gets none."""
        with self._filled:
            self._closed = True
            left = [*self._asked, *self._background]
            self._asked.clear()
            self._background.clear()
            self._filled.notify_all()
            return left


def _go_together(first: Question, other: Question) -> bool:
    if not (isinstance(first, Score) and isinstance(other, Score)):
        return False
    return replace(first, smiles=()) == replace(other, smiles=())


def joined(questions: Sequence[Question]) -> Question:
    """One question for all, which go together."""
    first = questions[0]
    if len(questions) == 1 or not isinstance(first, Score):
        return first
    return replace(first, smiles=tuple(text for question in questions for text in question.smiles))  # type: ignore[union-attr]


def parted(answer: Answer, questions: Sequence[Question]) -> list[Answer]:
    """The answer to each of the questions that were joined."""
    if len(questions) == 1 or not isinstance(answer, ScoreAnswer):
        return [answer] * len(questions)
    total = sum(question.n_rows for question in questions)
    parts: list[Answer] = []
    start = 0
    for question in questions:
        stop = start + question.n_rows
        models = {name: _rows_of(found, start, stop, total) for name, found in answer.models.items()}
        parts.append(ScoreAnswer(models, None if answer.pictures is None else answer.pictures[start:stop]))
        start = stop
    return parts


def _rows_of(found: ModelScores, start: int, stop: int, total: int) -> ModelScores:
    row_bytes = len(found.scores) // total
    return ModelScores(
        found.scores[start * row_bytes : stop * row_bytes],
        {row - start: reason for row, reason in found.reasons.items() if start <= row < stop},
        None if found.beliefs is None else found.beliefs[start:stop],
        None if found.contributions is None else found.contributions[start:stop],
    )
