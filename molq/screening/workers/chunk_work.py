"""One chunk, from raw records to rows ready to be written."""

from __future__ import annotations

import csv
import importlib
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from molq.errors import InputError
from molq.records.chunk import Chunk, ChunkResult
from molq.records.rawrecords import MAX_RECORD_BYTES
from molq.screening.library.file import open_library
from molq.screening.output.output_rows import arrow_rows, best_rows, csv_rows, library_rows
from molq.screening.read_chunk import read_chunk
from molq.screening.rows import Rows
from molq.screening.score_rows import ScoredRows, Scorer, score_at_once, score_in_blocks
from molq.screening.stopwatch import Stopwatch
from molq.screening.workers.combined import combined
from molq.screening.workers.job import Job


class ChunkWorker:
    """Turns chunks into results, with one scorer. Raises InputError when the model lacks a wanted task."""

    def __init__(self, job: Job, scorer: Scorer | None) -> None:
        csv.field_size_limit(MAX_RECORD_BYTES)
        self.job, self._scorer = job, scorer
        known = () if scorer is None else tuple(scorer.tasks)
        self.task_names = known if job.tasks is None else job.tasks
        for name in self.task_names:
            if name not in known:
                raise InputError(f"the model has no task {name!r}; its tasks: {', '.join(known)}")
        self._tasks = [known.index(name) for name in self.task_names]

    def run(
        self,
        chunk: Chunk,
        skipped: dict[int, str],
        bounds: Sequence[float | None] = (),
        blocks: Sequence[tuple[int, int]] | None = None,
        announce: Callable[[tuple[int, int] | None], None] = lambda block: None,
    ) -> ChunkResult:
        """The result of a chunk. ``skipped`` rows are rejected unseen; ``blocks`` of rows are announced one by one."""
        watch = Stopwatch()
        with watch("parse"):
            rows = read_chunk(chunk, self.job.layouts[chunk.layout])
        if len(rows.smiles) != chunk.n_rows:
            raise AssertionError(f"{len(rows.smiles)} rows understood of {chunk.n_rows} counted")
        if blocks is None:
            evaluated = score_at_once(rows, self._scorer, self.job.max_atoms, skipped, watch)
        else:
            evaluated = score_in_blocks(rows, self._scorer, self.job.max_atoms, skipped, watch, blocks, announce)
        with watch("write"):
            body = self._body(rows, self._of_chosen_tasks(evaluated), chunk.first_row, bounds)
        assert len(evaluated.kept) + len(evaluated.rejected) == chunk.n_rows
        reasons = Counter(evaluated.rejected.values())
        return ChunkResult(chunk.n_rows, len(evaluated.kept), dict(reasons), watch.seconds, body)

    def warm_up(self) -> None:
        """Take a few molecules all the way, so that compiling and importing happen before the first chunk."""
        smiles = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "C", "C("]
        rows = Rows(smiles, [""] * 4, [[""] * 4 for _ in self.job.columns], {})
        evaluated = score_at_once(rows, self._scorer, self.job.max_atoms, {}, Stopwatch())
        self._body(rows, self._of_chosen_tasks(evaluated), 0, [None] * len(self.task_names))

    def _of_chosen_tasks(self, evaluated: ScoredRows) -> ScoredRows:
        if self._scorer is None or self.job.tasks is None:
            return evaluated
        return evaluated._replace(scores=np.ascontiguousarray(evaluated.scores[:, self._tasks]))

    def _body(self, rows: Rows, evaluated: ScoredRows, first_row: int, bounds: Sequence[float | None]) -> bytes:
        if self.job.output == "library":
            return library_rows(self.job, rows, evaluated)
        if self.job.output == "top":
            return best_rows(self.job, rows, evaluated, first_row, bounds)
        if self.job.output == "arrow":
            return arrow_rows(self.job, rows, evaluated, first_row, self.task_names)
        return csv_rows(self.job, rows, evaluated, first_row)


def load_worker(job: Job) -> ChunkWorker:
    """A worker with its model loaded and its prepared libraries opened. Raises InputError without such a loader."""
    for layout in job.layouts:
        if layout.format == "molqlib":
            open_library(layout.name)
    if not job.models:
        return ChunkWorker(job, None)
    module, _, function = job.loader.partition(":")
    try:
        load = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise InputError(f"no loader {job.loader!r}: {error}") from error
    return ChunkWorker(job, combined([load(path) for path in job.models]))
