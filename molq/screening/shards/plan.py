"""What a screen of a library would take, measured on a sample of it."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.records.chunk import Chunk
from molq.records.input.source import Source
from molq.records.reader import open_library
from molq.results.screening import PlannedModel, ScreenPlan, ScreenSummary
from molq.screening.identity import Identity
from molq.screening.output.formats import format_of_shard
from molq.screening.output.table import OutputTable
from molq.screening.run import Run, execute
from molq.screening.screen import Library, are_smiles
from molq.screening.settings import Manner, Settings
from molq.screening.shards.sample import LibrarySample, sample_library
from molq.screening.workers.job import Job, ModelSource, read_model
from molq.urls import name_in

SAMPLE_ROWS = 20_000
_SHARD_S = 1200
"""of work in a shard, beside which the start is small and little is lost when a node goes"""
_FEW_ROWS = 5000
"""a shard, where there are fewer for every core"""
_START_S = 8.0
"""where nothing was measured"""


def plan(
    models: Sequence[str | Path],
    library: Library,
    *,
    cores: int,
    rate: float | None = None,
    smiles_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    progress: Progress = SILENT,
) -> ScreenPlan:
    """Rows, hours, core hours, bytes and shards of a screen with each of the models on so many cores.

    Unless the ``rate`` of one core (molecules/s) is given, it is measured on 20,000 rows from ten places of the
    library, with one worker of this machine. Raises InputError as ``screen`` does.
    """
    require_within(cores=cores, rate=rate)
    sources = [read_model(str(model)) for model in models]
    settings = Settings(smiles_column=smiles_column, id_column=id_column, format=format)
    progress.stage("read")
    reopen = partial(open_library, library, settings.wanted, are_smiles, settings.format)
    sample = sample_library(lambda shard: reopen(shard=shard), SAMPLE_ROWS if rate is None else 1000)
    if rate is None:
        measured = [_measured(source, sample, settings, progress) for source in sources]
    else:
        measured = [_Measured(rate, _START_S, None)] * len(sources)
    shards = _shards(sample.rows, min(one.mols_per_s for one in measured), cores)
    entries = [library] if isinstance(library, str | Path) else library
    row_bytes = measured[0].row_bytes
    return ScreenPlan(
        library=tuple(map(str, entries)),
        rows=sample.rows,
        rows_are_counted=sample.is_counted,
        measured_rows=0 if rate is not None else sum(chunk.n_rows for chunk in sample.chunks),
        cores=cores,
        shards=shards,
        output_bytes=None if row_bytes is None else round(row_bytes * sample.rows),
        models=tuple(_planned(*pair, sample.rows, shards, cores) for pair in zip(sources, measured, strict=True)),
        notes=sample.notes,
    )


@dataclass(frozen=True)
class _Measured:
    mols_per_s: float
    startup_s: float
    row_bytes: float | None


def _planned(source: ModelSource, measured: _Measured, rows: int, shards: int, cores: int) -> PlannedModel:
    core_s = rows / measured.mols_per_s + shards * measured.startup_s
    waves = math.ceil(shards / cores)
    hours = waves * (rows / shards / measured.mols_per_s + measured.startup_s) / 3600
    return PlannedModel(name_in(source.path), len(source.content), measured.mols_per_s, core_s / 3600, hours)


def _shards(rows: int, mols_per_s: float, cores: int) -> int:
    """So many that one takes about twenty minutes, and that all cores have as many; fewer where rows are few."""
    waves = max(1, round(rows / mols_per_s / cores / _SHARD_S))
    return max(1, min(cores * waves, rows // _FEW_ROWS))


def _measured(source: ModelSource, sample: LibrarySample, settings: Settings, progress: Progress) -> _Measured:
    with tempfile.TemporaryDirectory(prefix="molq-plan-") as folder:
        summary = execute(_run(source, sample, settings, Path(folder) / "sample.parquet"), progress)
        n_bytes = os.path.getsize(summary.outputs[0])
    return _Measured(_rate(summary), summary.startup_seconds, n_bytes / max(summary.rows, 1))


def _rate(summary: ScreenSummary) -> float:
    """By the CPU seconds of the worker: other programs on this machine take nothing from it."""
    seconds = sum(time for stage, time in summary.stage_seconds.items() if stage != "wait")
    return summary.rows / max(seconds, 1e-9)


def _run(source: ModelSource, sample: LibrarySample, settings: Settings, output: Path) -> Run:
    reader = SampleReader(sample.chunks, sample.sources)
    table = OutputTable(has_id=any(layout.has_id for layout in sample.layouts))
    job = Job(
        models=(source,),
        output=format_of_shard(output, table),
        layouts=sample.layouts,
        max_atoms=settings.max_atoms,
        audit_rate=0.0,
    )
    return Run(
        reader,
        lambda: Identity("", (source.sha256,), (), settings),
        job,
        output,
        settings,
        Manner(workers=1),
        lambda: SampleReader(sample.chunks, sample.sources),
    )


@dataclass
class SampleReader:
    """Chunks at hand, as a run takes them."""

    held: tuple[Chunk, ...]
    sources: list[Source]
    notes: list[str] = field(default_factory=list)
    example: str = ""

    def chunks(self, chunk_rows: int, shard_rows: int, start_row: int = 0) -> Iterator[Chunk]:
        return (chunk for chunk in self.held if chunk.first_row >= start_row)

    def total_rows(self, rows_read: int) -> int | None:
        return sum(chunk.n_rows for chunk in self.held)

    def refuse_changes(self) -> None:
        """They are in memory."""

    def digest_at(self, row: int) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""
