"""One chunk, from raw records to rows ready to be written."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import numpy as np

from molq.chem.featurize import Featurizer
from molq.columns import Columns, chosen, ranked
from molq.errors import InputError
from molq.records.chunk import Chunk, ChunkResult
from molq.records.trailing import TRAILING, trailing_rows
from molq.screening.combined import SideBySide, combined
from molq.screening.read_chunk import read_chunk, read_in_blocks
from molq.screening.rows import Rows
from molq.screening.score_rows import score_at_once, score_in_blocks
from molq.screening.scored import ScoredRows, Scorer
from molq.screening.stopwatch import Stopwatch
from molq.screening.workers.job import Job


class RunsChunks(Protocol):
    """What a worker process does with the chunks it is given."""

    @property
    def columns(self) -> Columns: ...

    def run(
        self,
        chunk: Chunk,
        skipped: dict[int, str],
        bounds: Sequence[float | None] = (),
        blocks: Sequence[tuple[int, int]] | None = None,
        announce: Callable[[tuple[int, int] | None], None] = lambda block: None,
        *,
        is_alone: bool = False,
    ) -> ChunkResult: ...

    def warm_up(self) -> None: ...


class ChunkWorker:
    """Turns chunks into results, with one scorer. Raises InputError when the model lacks a wanted task."""

    def __init__(self, job: Job, scorer: Scorer | SideBySide) -> None:
        self.job, self._scorer = job, scorer
        known = tuple(scorer.columns)
        self._places = chosen(known, job.tasks)
        self.columns = tuple(known[place] for place in self._places)
        self._featurizer = Featurizer(job.audit_rate)

    def run(
        self,
        chunk: Chunk,
        skipped: dict[int, str],
        bounds: Sequence[float | None] = (),
        blocks: Sequence[tuple[int, int]] | None = None,
        announce: Callable[[tuple[int, int] | None], None] = lambda block: None,
        *,
        is_alone: bool = False,
    ) -> ChunkResult:
        """The result of a chunk. ``skipped`` rows are rejected unseen; ``blocks`` of rows are announced one by one.

        Those of mol blocks are announced before they are spelled, and again before they are scored. ``is_alone`` as in
        ``score_in_blocks``.
        """
        watch = Stopwatch()
        layout = self.job.layouts[chunk.layout]
        with watch("parse"):
            if blocks is None:
                rows = read_chunk(chunk, layout)
            else:
                rows = read_in_blocks(chunk, layout, skipped, blocks, announce)
        if len(rows.smiles) != chunk.n_rows:
            raise AssertionError(f"{len(rows.smiles)} rows understood of {chunk.n_rows} counted")
        trailing = trailing_rows(rows.smiles)
        if self.job.strict:
            rows = rows._replace(rejected={**dict.fromkeys(trailing.tolist(), TRAILING), **rows.rejected})
        by, n_audited = self._featurizer.featurize, self._featurizer.n_audited
        if blocks is None:
            scored = score_at_once(rows, self._scorer, self.job.max_atoms, skipped, watch, by)
        else:
            scored = score_in_blocks(
                rows, self._scorer, self.job.max_atoms, skipped, watch, blocks, announce, by, is_alone=is_alone
            )
        with watch("write"):
            body = self.job.output.body(rows, self._of_chosen_columns(scored), chunk.first_row, bounds)
        assert len(scored.kept) + len(scored.rejected) == chunk.n_rows
        reasons = Counter(scored.rejected.values())
        n_audited = self._featurizer.n_audited - n_audited
        return ChunkResult(
            chunk.n_rows,
            len(scored.kept),
            dict(reasons),
            watch.seconds,
            len(np.intersect1d(scored.kept, trailing, assume_unique=True)),
            n_audited,
            self._featurizer.difference,
            body,
        )

    def warm_up(self) -> None:
        """Take a few molecules all the way, so that compiling and importing happen before the first chunk."""
        smiles = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "C", "C("]
        rows = Rows(smiles, [""] * 4, [[""] * 4 for _ in range(self.job.n_columns)], {})
        scored = score_at_once(rows, self._scorer, self.job.max_atoms, {}, Stopwatch(), self._featurizer.featurize)
        self.job.output.body(rows, self._of_chosen_columns(scored), 0, [None] * len(ranked(self.columns)))

    def _of_chosen_columns(self, scored: ScoredRows) -> ScoredRows:
        if self.job.tasks is None:
            return scored
        return scored._replace(scores=np.ascontiguousarray(scored.scores[:, self._places]), columns=self.columns)


def load_worker(job: Job) -> ChunkWorker:
    """A worker with its model loaded. Raises InputError without such a loader."""
    load = named_function(job.loader)
    return ChunkWorker(job, combined([load(source, job.spread) for source in job.models]))


def named_function(place: str) -> Callable[..., Any]:
    """The function at ``module:function``. Raises InputError when there is none."""
    module, _, function = place.partition(":")
    try:
        return cast(Callable[..., Any], getattr(importlib.import_module(module), function))
    except (ImportError, AttributeError) as error:
        raise InputError(f"no loader {place!r}: {error}") from error
