"""A compound library in, scores out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

from molq.chem.audit import AUDIT_RATE
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.records.reader import open_library
from molq.records.shard import Shard
from molq.results.screening import ScreenSummary
from molq.screening.fingerprint import SHARD_WHOLE_BYTES, WHOLE_BYTES
from molq.screening.identity import identify
from molq.screening.output.formats import SUFFIXES, format_of, format_of_shard
from molq.screening.output.table import OutputTable
from molq.screening.run import Run, execute
from molq.screening.scored import Scorer
from molq.screening.settings import CHUNK_ROWS, MAX_ATOMS, RAY, SHARD_ROWS, TIMEOUT_S, WORKERS, Manner, Settings
from molq.screening.shards.place import ShardPlace
from molq.screening.shards.scheduler import shard_of
from molq.screening.workers.job import Job, ModelSource, read_model
from molq.screening.workers.ray_session import require_ray

STDOUT = "-"

Models = str | Path | bytes | Scorer | Sequence[str | Path | bytes]
Library = str | Path | Sequence[str | Path]


def screen(
    model: Models,
    library: Library,
    output: str | Path,
    *,
    tasks: Sequence[str] | None = None,
    spread: bool = False,
    top: int | None = None,
    threshold: float | None = None,
    lowest: bool = False,
    smiles_column: str | None = None,
    id_column: str | None = None,
    columns: Sequence[str] = (),
    format: str | None = None,
    workers: int | None = None,
    max_atoms: int = MAX_ATOMS,
    strict: bool = False,
    timeout_per_molecule: float = TIMEOUT_S,
    audit: float = AUDIT_RATE,
    resume: bool = False,
    force: bool = False,
    shard: str | None = None,
    engine: str = WORKERS,
    address: str | None = None,
    concurrency: int | None = None,
    progress: Progress = SILENT,
    chunk_rows: int = CHUNK_ROWS,
    shard_rows: int = SHARD_ROWS,
) -> ScreenSummary:
    """Score every molecule of a library and write ``output``, .csv, .csv.gz or .parquet, or "-" for standard output.

    Every row of the library comes out once, in order, with scores or with the reason why it has none; memory does not
    grow with the library, and the output does not depend on ``workers`` or ``chunk_rows``. With ``top`` or
    ``threshold`` only good rows come out; with ``top`` and several predictions, a file each. With ``spread`` there is
    beside every column its standard deviation between the members of an ensemble. ``model`` is the path of a .molq
    file, or the bytes of one, or several of these, run in worker processes (by default as many as cores); or a scorer,
    run in this process. ``audit`` is the share of the molecules read without RDKit that it parses too, from 0 to 1;
    should one ever differ, RDKit reads everything from the last finished shard on, and ``notes`` of the summary say so.
    With ``engine`` "ray" the workers are ``concurrency`` actors on the Ray cluster at ``address``.
    With ``shard``, such as 3/200 or auto, one of so many parts of the library is scored, and ``output`` is the folder
    of all of them, which ``merge`` puts together.

    Raises InputError for an unusable library or option, OutputError when the output exists or cannot be written, and
    ModelFileError for a damaged model. After any interruption ``resume`` continues to the same bytes.
    """
    settings = Settings(
        tasks=None if tasks is None else tuple(tasks),
        spread=spread,
        top=top,
        threshold=threshold,
        lowest=lowest,
        smiles_column=smiles_column,
        id_column=id_column,
        columns=tuple(columns),
        format=format,
        max_atoms=max_atoms,
        strict=strict,
        shard_rows=shard_rows,
    )
    manner = Manner(workers, chunk_rows, timeout_per_molecule, resume, force, audit, engine, address, concurrency)
    which = None if shard is None else shard_of(shard, os.environ)
    return execute(screen_run(model, library, output, settings, manner, which), progress)


def screen_run(
    model: Models,
    library: Library,
    output: str | Path,
    settings: Settings,
    manner: Manner,
    shard: Shard | None = None,
) -> Run:
    """The run that ``screen`` executes. Raises InputError for an unusable library or option."""
    if manner.engine == RAY:
        require_ray("a screen with `engine=ray`")
    path = None if str(output) == STDOUT else Path(output)
    models = model_sources(model)
    if path is None and (manner.resume or settings.top is not None):
        raise InputError("with standard output there is nothing to resume, and no `top`; name a file")
    reopen = partial(open_library, library, settings.wanted, are_smiles, settings.format, shard)
    reader = reopen()
    place = None if shard is None else _place(models, library, output, shard, reader.part_notes)
    path = path if place is None else place.output
    table = OutputTable(
        has_id=any(layout.has_id for layout in reader.layouts),
        columns=settings.columns,
        selection=settings.selection,
    )
    job = Job(
        models=models,
        output=format_of(path, table) if place is None else format_of_shard(place.output, table),
        layouts=reader.layouts_for_workers,
        tasks=settings.tasks,
        spread=settings.spread,
        n_columns=len(settings.columns),
        max_atoms=settings.max_atoms,
        strict=settings.strict,
        audit_rate=manner.audit,
    )
    whole_bytes = WHOLE_BYTES if shard is None else SHARD_WHOLE_BYTES // len(reader.sources)
    return Run(
        reader,
        partial(identify, models, reader, settings, whole_bytes),
        job,
        path,
        settings,
        manner,
        reopen,
        scorer=None if models else cast(Scorer, model),
        place=place,
    )


def _place(
    models: tuple[ModelSource, ...], library: Library, output: str | Path, shard: Shard, notes: Sequence[str]
) -> ShardPlace:
    """Raises InputError where shards cannot be put together: without a folder, or of a scorer that has no file."""
    if str(output) == STDOUT or str(output).lower().endswith(SUFFIXES):
        raise InputError(f"with `shard`, `output` is the folder of the shards, and not {output}; name a directory")
    if not models:
        raise InputError("with `shard` the model is a .molq file, by which the shards of one run are known")
    entries = [library] if isinstance(library, str | Path) else library
    return ShardPlace(
        Path(output), shard, tuple(model.path for model in models), tuple(map(str, entries)), tuple(notes)
    )


def model_sources(model: Models) -> tuple[ModelSource, ...]:
    """None for a scorer. Raises InputError when a file is missing."""
    if isinstance(model, str | Path | bytes):
        return (_model_source(model),)
    if not isinstance(model, Sequence):
        return ()
    if not model:
        raise InputError("no model given")
    return tuple(map(_model_source, cast(Sequence[str | Path | bytes], model)))


def _model_source(model: str | Path | bytes) -> ModelSource:
    if isinstance(model, bytes):
        return ModelSource("model", model)
    return read_model(str(model))


def are_smiles(texts: Sequence[str]) -> Sequence[bool]:
    """RDKit is loaded when a column is in doubt, and not before: the parent of workers does without."""
    from molq.chem.judge import are_smiles

    return are_smiles(texts)
