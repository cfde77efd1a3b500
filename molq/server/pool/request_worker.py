"""What a worker process does with a question; everything that may hang or crash on a molecule happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import Featurizer
from molq.chem.pictures.svg import picture, why_no_picture
from molq.columns import Columns
from molq.errors import MolqError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.combined import SideBySide
from molq.screening.rows import Rows
from molq.screening.score_rows import score_at_once, score_in_blocks
from molq.screening.scored import Scorer
from molq.screening.stopwatch import Stopwatch
from molq.screening.workers.chunk_work import named_function
from molq.screening.workers.job import Job
from molq.server.pool.questions import (
    Answer,
    Describe,
    Described,
    Draw,
    Drawn,
    ModelScores,
    Read,
    Refused,
    Score,
    ScoreAnswer,
    packed,
    question_in,
)
from molq.server.pool.reading import rows_in_file
from molq.shortage import is_shortage

_WARM = ("CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "C", "C(")
_SIZE = (150, 100)
_NUL = "the SMILES holds a NUL byte"

Announce = Callable[[tuple[int, int] | None], None]


class RequestWorker:
    """Answers questions with the models of a job, by their names. Raises what loading them raises."""

    columns: Columns = ()

    def __init__(self, job: Job) -> None:
        load = named_function(job.loader)
        self._job = job
        self._scorers: dict[str, Scorer] = {source.path: load(source, False) for source in job.models}
        self._featurizer = Featurizer(job.audit_rate)

    def run(
        self,
        chunk: Chunk,
        skipped: dict[int, str],
        bounds: Sequence[float | None] = (),
        blocks: Sequence[tuple[int, int]] | None = None,
        announce: Announce = lambda block: None,
        *,
        is_alone: bool = False,
    ) -> ChunkResult:
        """The answer to the question in a chunk; the molecules ``skipped`` are told to have been rejected, unseen."""
        before = self._featurizer.n_audited
        question = question_in(chunk.body)
        try:
            answer = self._answer(question, skipped, blocks, announce, is_alone)
        except MolqError as error:
            if is_shortage(error):
                raise
            answer = Refused(str(error))
        n_audited = self._featurizer.n_audited - before
        return ChunkResult(
            chunk.n_rows, chunk.n_rows, {}, {}, 0, n_audited, self._featurizer.difference, packed(answer)
        )

    def warm_up(self) -> None:
        """Take a few molecules all the way, so that compiling and importing happen before the first question."""
        question = Score(smiles=_WARM, models=tuple(self._scorers))
        self._answer(question, {}, None, lambda block: None, False)

    def _answer(
        self,
        question: object,
        skipped: dict[int, str],
        blocks: Sequence[tuple[int, int]] | None,
        announce: Announce,
        is_alone: bool,
    ) -> Answer:
        match question:
            case Describe():
                from molq.server.pool.describe import description_of  # it loads torch, as models do

                return Described(tuple(description_of(source) for source in self._job.models))
            case Read():
                if skipped:
                    return Refused(f"{question.name} cannot be read: {skipped[0]}")
                announce((0, 1))
                return rows_in_file(question)
            case Score():
                rows = _rows(question.smiles)
                models = {
                    name: self._scores(name, rows, skipped, blocks, announce, is_alone) for name in question.models
                }
                pictures = None
                if question.pictures:
                    rest = _each(len(rows.smiles), skipped, blocks, announce)
                    pictures = _drawn(rows.smiles, rest, _SIZE)
                return ScoreAnswer(models, pictures)
            case Draw():
                rows = _rows(question.smiles)
                rest = _each(len(rows.smiles), skipped, blocks, announce)
                pictures = _drawn(rows.smiles, rest, (question.width, question.height))
                why = [skipped.get(i) or (None if svg else _why(rows.smiles[i])) for i, svg in enumerate(pictures)]
                return Drawn(pictures, why, [None] * len(pictures))
        raise AssertionError(f"{question} is no question")

    def _scores(
        self,
        name: str,
        rows: Rows,
        skipped: dict[int, str],
        blocks: Sequence[tuple[int, int]] | None,
        announce: Announce,
        is_alone: bool,
    ) -> ModelScores:
        scorer: Scorer | SideBySide = self._scorers[name]
        score = partial(score_at_once, rows, scorer, self._job.max_atoms, skipped, Stopwatch())
        if blocks is None:
            found = score(self._featurizer.featurize)
        else:
            found = score_in_blocks(
                rows,
                scorer,
                self._job.max_atoms,
                skipped,
                Stopwatch(),
                blocks,
                announce,
                self._featurizer.featurize,
                is_alone=is_alone,
            )
        scores: NDArray[np.float32] = np.full((len(rows.smiles), len(scorer.columns)), np.nan, np.float32)
        scores[found.kept] = found.scores
        return ModelScores(scores.tobytes(), found.rejected)


def load_request_worker(job: Job) -> RequestWorker:
    """A worker with its models loaded."""
    return RequestWorker(job)


def _rows(smiles: Sequence[str]) -> Rows:
    """White space around a SMILES is not part of it."""
    rejected = {row: _NUL for row, text in enumerate(smiles) if "\0" in text}
    return Rows([text.strip() for text in smiles], [""] * len(smiles), [], rejected)


def _each(
    n_rows: int, skipped: dict[int, str], blocks: Sequence[tuple[int, int]] | None, announce: Announce
) -> Iterator[int]:
    """The rows that are not skipped, each announced where something has failed before; None after the last."""
    for row in range(n_rows):
        if row not in skipped:
            if blocks is not None:
                announce((row, row + 1))
            yield row
    if blocks is not None:
        announce(None)


def _why(smiles: str) -> str:
    try:
        return why_no_picture(smiles)
    except Exception as error:
        if is_shortage(error):
            raise
        return f"failed with {type(error).__name__}"


def _drawn(smiles: Sequence[str], rows: Iterator[int], size: tuple[int, int]) -> list[str | None]:
    pictures: list[str | None] = [None] * len(smiles)
    for row in rows:
        try:
            pictures[row] = picture(smiles[row], size=size)
        except Exception as error:
            if is_shortage(error):
                raise
    return pictures
