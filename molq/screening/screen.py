"""A compound library in, scores out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from molq import __version__
from molq.errors import InputError
from molq.records.layout import Wanted
from molq.records.reader import LibraryReader
from molq.records.sources import find_sources
from molq.screening.fingerprint import file_hash
from molq.screening.output.best import BestRows
from molq.screening.output.output_files import check_output, refuse_existing
from molq.screening.output.output_table import arrow_schema, csv_header, output_names
from molq.screening.output.sinks import CsvSink, Sink, StreamSink
from molq.screening.run import SHARD_ROWS, ChunkRunner, Plan, ProgressCallback, describe_inputs, execute
from molq.screening.summary import Summary
from molq.screening.workers.job import Job, Selection
from molq.screening.workers.pool import Pool

if TYPE_CHECKING:
    from molq.screening.score_rows import Scorer

CHUNK_ROWS = 512
MAX_ATOMS = 1000
TIMEOUT_S = 10.0
LOADER = "molq.screening.workers.scorer:load_scorer"
STDOUT = "-"


def screen(
    model: str | Path | Sequence[str | Path] | Scorer,
    library: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    tasks: Sequence[str] | None = None,
    top: int | None = None,
    threshold: float | None = None,
    lowest: bool = False,
    smiles_column: str | None = None,
    id_column: str | None = None,
    columns: Sequence[str] = (),
    workers: int | None = None,
    max_atoms: int = MAX_ATOMS,
    timeout_per_molecule: float = TIMEOUT_S,
    resume: bool = False,
    force: bool = False,
    progress: ProgressCallback | None = None,
    chunk_rows: int = CHUNK_ROWS,
    shard_rows: int = SHARD_ROWS,
    loader: str = LOADER,
) -> Summary:
    """Score every molecule of a library and write ``output``, .csv, .csv.gz or .parquet, or "-" for standard output.

    Every row of the library comes out once, in order, with scores or with the reason why it has none; memory does not
    grow with the library, and the output does not depend on ``workers`` or ``chunk_rows``. With ``top`` or
    ``threshold`` only good rows come out; with ``top`` and several tasks, a file each. ``model`` is the path of a .molq
    file or several, run in worker processes (by default as many as cores), or an object with ``tasks`` and
    ``scores(graphs)``, run in this process.

    Raises InputError for an unusable library or option, OutputError when the output exists or cannot be written, and
    ModelFileError for a damaged model. After any interruption ``resume`` continues to the same bytes.
    """
    selection = _selection(top, threshold, lowest)
    sources = find_sources([library] if isinstance(library, str | Path) else library)
    path = None if str(output) == STDOUT else Path(output)
    models = _model_paths(model)
    if path is None and (resume or top is not None):
        raise InputError("with standard output there is nothing to resume, and no --top; name a file")
    if path is not None:
        check_output(path, [*(source.path for source in sources), *models])
    wanted = Wanted(smiles_column, id_column, tuple(columns))
    reader = LibraryReader(sources, wanted)
    job = Job(
        models=models,
        loader=loader,
        output=_output_kind(path, top),
        layouts=tuple(reader.layouts),
        tasks=None if tasks is None else tuple(tasks),
        has_id=any(layout.id is not None for layout in reader.layouts),
        has_smiles=any(layout.has_smiles for layout in reader.layouts),
        columns=wanted.columns,
        selection=selection,
        max_atoms=max_atoms,
    )
    best: list[BestRows] = []

    def make_sink(names: tuple[str, ...]) -> Sink:
        for name in names if top is not None else ():
            best.append(BestRows(top or 0, lowest))
            refuse_existing(_task_path(path, name, names), force, resume)
        if top is None and path is not None:
            refuse_existing(path, force, resume)
        return _sink(job, path, names, best)

    def identity() -> dict[str, Any]:
        return {
            "molq": __version__,
            "model": [file_hash(path) for path in models],
            "inputs": describe_inputs(reader),
            "wanted": [smiles_column, id_column, *columns],
            "tasks": job.tasks,
            "selection": [top, threshold, lowest],
            "max atoms": max_atoms,
            "rows per shard": shard_rows,
            "loader": loader,
        }

    count = n_workers(workers)
    scorer = None if models else cast("Scorer", model)
    plan = Plan(
        reader=reader,
        runner=make_runner(job, count, timeout_per_molecule, scorer),
        make_sink=make_sink,
        output=path,
        identity=identity,
        workers=count,
        chunk_rows=chunk_rows,
        shard_rows=shard_rows,
        resume=resume,
        force=force,
        bounds=lambda: [rows.bound for rows in best],
    )
    if path is not None and top is None and not resume:
        refuse_existing(path, force, resume)
    return execute(plan, progress)


def n_workers(workers: int | None) -> int:
    """The workers asked for, or as many as cores that this process may use. Raises InputError for a negative number."""
    if workers is not None:
        if workers < 0:
            raise InputError(f"--workers {workers}: must be 1 or more")
        return workers
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_runner(job: Job, workers: int, timeout_per_molecule: float, scorer: Scorer | None = None) -> ChunkRunner:
    """Worker processes; this process when there are to be none, for a scorer at hand, and on Windows, without fork."""
    if scorer is None and workers > 0 and sys.platform != "win32":
        return Pool(job, workers, timeout_per_molecule)
    from molq.screening.workers.inline import InlineRunner

    return InlineRunner(job, scorer)


def _selection(top: int | None, threshold: float | None, lowest: bool) -> Selection:
    if top is not None and top < 1:
        raise InputError(f"--top {top}: must be at least 1")
    if lowest and top is None and threshold is None:
        raise InputError("--lowest has a meaning only with --top or --threshold")
    return Selection(top, threshold, lowest)


def _output_kind(path: Path | None, top: int | None) -> str:
    suffixes = (".csv", ".csv.gz", ".parquet")
    if path is not None and not path.name.lower().endswith(suffixes):
        raise InputError(f"{path}: the output must end in one of {' '.join(suffixes)}")
    if top is not None:
        return "top"
    return "arrow" if path is not None and path.suffix.lower() == ".parquet" else "csv"


def _sink(job: Job, path: Path | None, tasks: tuple[str, ...], best: list[BestRows]) -> Sink:
    header = csv_header(output_names(job, tasks))
    if path is None:
        return StreamSink(header)
    if job.output == "top":
        from molq.screening.output.top_sink import TopSink

        return TopSink([_task_path(path, name, tasks) for name in tasks], best, arrow_schema(job, tasks))
    if job.output == "arrow":
        from molq.screening.output.parquet_sink import ParquetSink

        return ParquetSink(path, arrow_schema(job, tasks), SHARD_ROWS)
    return CsvSink(path, header, path.suffix.lower() == ".gz")


def _task_path(path: Path | None, task: str, tasks: Sequence[str]) -> Path:
    """OUT.csv for one task; OUT.TASK.csv for each of several."""
    assert path is not None
    if len(tasks) == 1:
        return path
    ending = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    return path.with_name(f"{path.name.removesuffix(ending)}.{re.sub(r'[^A-Za-z0-9_.-]+', '_', task)}{ending}")


def _model_paths(model: str | Path | Sequence[str | Path] | Scorer) -> tuple[str, ...]:
    if isinstance(model, str | Path):
        model = [model]
    if not isinstance(model, Sequence):
        return ()
    for path in model:
        if not Path(path).is_file():
            raise InputError(f"{path}: no such model file")
    if not model:
        raise InputError("no model given")
    return tuple(map(str, model))
