"""What a worker process does with a question; everything that may hang or crash on a molecule happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import Featurizer
from molq.chem.pictures.svg import picture, why_no_picture
from molq.columns import Columns
from molq.errors import MolqError
from molq.records.chunk import Chunk, ChunkResult
from molq.results.hits import Contributions
from molq.screening.combined import SideBySide
from molq.screening.rows import Rows
from molq.screening.score_rows import score_at_once, score_in_blocks
from molq.screening.scored import Scorer
from molq.screening.stopwatch import Stopwatch
from molq.screening.workers.chunk_work import named_function
from molq.screening.workers.job import LOADER, Job
from molq.server.pool.evidence import Evidence
from molq.server.pool.questions import (
    Answer,
    Describe,
    Described,
    Draw,
    Drawn,
    ModelScores,
    Paint,
    Painted,
    Read,
    Refused,
    Score,
    ScoreAnswer,
    Write,
    Written,
    packed,
    question_in,
)
from molq.server.pool.reading import rows_in_file
from molq.server.pool.records import images_of, records_of
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
        self._evidence = Evidence(self._scorers)

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
        if self._job.loader == LOADER:
            for source in self._job.models:
                self._evidence.learn(source)
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

                models = self._job.models
                return Described(tuple(description_of(m, believes=self._evidence.believes(m.path)) for m in models))
            case Read():
                if skipped:
                    return Refused(f"{question.name} cannot be read: {skipped[0]}")
                announce((0, 1))
                return rows_in_file(question)
            case Score():
                rows = _rows(question.smiles)
                scored = {
                    name: self._scores(name, rows, skipped, blocks, announce, is_alone) for name in question.models
                }
                if question.belief or question.contributions:
                    about = partial(_each, len(rows.smiles), skipped, blocks, announce)
                    scored = {
                        name: self._with_evidence(name, found, rows.smiles, question, about)
                        for name, found in scored.items()
                    }
                pictures = None
                if question.pictures:
                    pictures = _drawn(rows.smiles, _each(len(rows.smiles), skipped, blocks, announce), _SIZE)
                return ScoreAnswer(scored, pictures)
            case Draw():
                return self._drawn(
                    question,
                    _rows(question.smiles).smiles,
                    skipped,
                    partial(_each, question.n_rows, skipped, blocks, announce),
                )
            case Write():
                return Written(records_of(question, _each(question.n_rows, skipped, blocks, announce)))
            case Paint():
                return Painted(images_of(question, _each(question.n_rows, skipped, blocks, announce)))
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

    def _drawn(
        self, question: Draw, smiles: Sequence[str], skipped: dict[int, str], rows: Callable[[], Iterator[int]]
    ) -> Drawn:
        found: list[Contributions | None] = [None] * len(smiles)
        if question.model is not None:
            found = self._evidence.contributions(question.model, question.column, smiles, rows())
        pictures = _drawn(smiles, rows(), (question.width, question.height), found, question.limit)
        why = [skipped.get(i) or (None if svg else _why(smiles[i])) for i, svg in enumerate(pictures)]
        return Drawn(pictures, why, found)

    def _with_evidence(
        self,
        name: str,
        found: ModelScores,
        smiles: Sequence[str],
        question: Score,
        about: Callable[[], Iterator[int]],
    ) -> ModelScores:
        beliefs, contributions = None, None
        if question.belief:
            beliefs = self._evidence.beliefs(name, smiles, about())
        if question.contributions:
            contributions = self._evidence.all_contributions(name, smiles, about)
        return msgspec.structs.replace(found, beliefs=beliefs, contributions=contributions)


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


def _drawn(
    smiles: Sequence[str],
    rows: Iterator[int],
    size: tuple[int, int],
    contributions: Sequence[Contributions | None] = (),
    limit: float | None = None,
) -> list[str | None]:
    """Pictures of the rows, coloured by contributions where there are any, at full strength from ``limit`` on."""
    if limit is None:
        limit = max((abs(value) for one in contributions if one for value in one.atoms), default=None)
    pictures: list[str | None] = [None] * len(smiles)
    for row in rows:
        try:
            one = contributions[row] if contributions else None
            pictures[row] = picture(smiles[row], size=size, values=one.atoms if one else None, limit=limit or None)
        except Exception as error:
            if is_shortage(error):
                raise
    return pictures
