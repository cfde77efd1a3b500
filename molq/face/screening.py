"""Whole libraries scored into files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from molq.chem.audit import AUDIT_RATE
from molq.data.locate import library_path
from molq.face.bundled import model_path
from molq.progress import SILENT, Progress
from molq.results.screening import ScreenPlan, ScreenSummary
from molq.screening.screen import screen as run
from molq.screening.settings import MAX_ATOMS, SHARD_ROWS, TIMEOUT_S, WORKERS
from molq.screening.shards.merge import merge as put_together
from molq.screening.shards.plan import plan as planned

if TYPE_CHECKING:  # workers load the model: what that takes is not imported here
    from molq.face.model import AnyModel


def screen(
    models: AnyModel | Sequence[AnyModel],
    library: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    tasks: Sequence[str] | None = None,
    spread: bool = False,
    top: int | None = None,
    threshold: float | None = None,
    lowest: bool = False,
    columns: Sequence[str] = (),
    smiles_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    workers: int | None = None,
    max_atoms: int = MAX_ATOMS,
    strict: bool = False,
    timeout_per_molecule: float = TIMEOUT_S,
    shard_rows: int = SHARD_ROWS,
    audit: float = AUDIT_RATE,
    shard: str | None = None,
    resume: bool = False,
    force: bool = False,
    engine: str = WORKERS,
    address: str | None = None,
    concurrency: int | None = None,
    progress: Progress = SILENT,
) -> ScreenSummary:
    """Counts and times of scoring every molecule of a library into a file; memory does not grow with the library.

    Every row of the library comes out once, in its place, with its scores or with the reason why it has none.
    ``models``: one or several, scored in one pass; models, paths, or names of bundled models. ``library``: files (.csv
    .tsv .smi .sdf, also .gz; .parquet), directories, patterns, or names of data sets. ``output``: .csv,
    .csv.gz or .parquet, or ``-`` for standard output.

    ``tasks`` chooses what is written: all columns of a task, or a single one by its name. With ``spread`` there is
    beside each NAME of an ensemble NAME_spread, the standard deviation between its members. With ``top`` the so many
    best rows by each prediction come out (a file each for several), with ``threshold`` the rows in which one is at
    least so much; ``lowest`` makes low scores the good ones. ``columns`` of the input
    are kept; ``smiles_column`` and ``id_column``, by name or number, are found by name and content, and ``format`` is
    the kind of file, where its content does not tell. ``workers`` processes, by default one per core, score; 0 is this
    process. A molecule of more than ``max_atoms`` heavy atoms, or that takes longer than ``timeout_per_molecule``
    seconds, is rejected. Text after a SMILES in its cell, other than a CXSMILES extension, is not read, and counted in
    ``notes``; with ``strict`` such a row is rejected. ``audit`` is the share of the molecules read without RDKit that
    it parses too; should one ever
    differ, RDKit reads everything from the last finished shard on, and ``notes`` of the summary say so. ``resume``
    continues an interrupted run, from the last full shard of ``shard_rows`` rows, to the same bytes. Worker processes
    are forked: a script needs no ``__main__`` guard.

    With ``engine`` "ray" (``pip install 'molq[ray]'``) the molecules are scored by ``concurrency`` actors on the Ray
    cluster at ``address`` ("auto" for the one this machine belongs to), by default one per CPU; without an address, and
    without $RAY_ADDRESS, a Ray is started on this machine and stopped again. The output is the same, to the byte.

    With ``shard`` one part of the library is scored: 3/200 is the third of 200, auto the one that Slurm, PBS, Grid
    Engine or LSF numbers, auto/200 where the scheduler does not say how many there are. ``output`` is then the folder
    of all shards, which may be screened anywhere, in any order, more than once; ``molq.merge`` puts them together.

    Raises InputError for an unusable library or option, OutputError when the output exists (``force`` replaces it) or
    cannot be written, UnsupportedError without the packages of ``molq[ray]``.

    >>> import molq
    >>> summary = molq.screen("bace-dmpnn", "bace", "best.csv", top=3, workers=1)
    >>> summary.rows, summary.rejected
    (1513, 0)
    >>> from pathlib import Path
    >>> print(Path("best.csv").read_text().splitlines()[0])
    row,smiles,id,Class
    """
    given = [models] if not isinstance(models, Sequence) or isinstance(models, str) else models
    return run(
        [model_path(model) if isinstance(model, str | Path) else bytes(model) for model in given],
        libraries(library, progress),
        output,
        tasks=tasks,
        spread=spread,
        top=top,
        threshold=threshold,
        lowest=lowest,
        columns=columns,
        smiles_column=smiles_column,
        id_column=id_column,
        format=format,
        workers=workers,
        max_atoms=max_atoms,
        strict=strict,
        timeout_per_molecule=timeout_per_molecule,
        shard_rows=shard_rows,
        audit=audit,
        shard=shard,
        resume=resume,
        force=force,
        engine=engine,
        address=address,
        concurrency=concurrency,
        progress=progress,
    )


def merge(
    folder: str | Path,
    output: str | Path,
    *,
    top: int | None = None,
    threshold: float | None = None,
    lowest: bool = False,
    resume: bool = False,
    force: bool = False,
    progress: Progress = SILENT,
) -> ScreenSummary:
    """Counts of a screen whose shards, all in ``folder``, are put together to the bytes that one machine would write.

    ``output``, ``top``, ``threshold`` and ``lowest`` are those of ``molq.screen``: all rows, or the best of all shards.
    Row numbers are those of the whole library.

    Raises MissingShardsError, which names them, when shards are missing; OutputError when one is of another run (other
    model, settings or library), damaged or cut short, or when the output exists (``force`` replaces it).

    >>> import molq
    >>> for shard in ("1/2", "2/2"):
    ...     done = molq.screen("bace-dmpnn", "bace", "shards", shard=shard, workers=1)
    >>> molq.merge("shards", "merged.csv").rows
    1513
    """
    return put_together(
        folder, output, top=top, threshold=threshold, lowest=lowest, resume=resume, force=force, progress=progress
    )


def plan(
    models: str | Path | Sequence[str | Path],
    library: str | Path | Sequence[str | Path],
    *,
    cores: int = 64,
    rate: float | None = None,
    smiles_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    progress: Progress = SILENT,
) -> ScreenPlan:
    """Rows, hours, core hours, bytes and shards of a screen on so many cores, for each of ``models`` by itself.

    ``models`` are paths or names of bundled models, such as the fp32 and the int8 file of one model. The molecules/s of
    one core are measured on 20,000 rows from ten places of the library, by the CPU time that they take on this machine;
    or ``rate`` says them, and nothing is scored. Rows are those that files state, as Parquet does, or estimated from
    what the places hold.

    Raises InputError for an unusable library or model.

    >>> import molq
    >>> plan = molq.plan("bace-dmpnn", "zinc-sample", cores=4, rate=10_000)
    >>> plan.rows, plan.shards, plan.models[0].model
    (5000, 1, 'bace-dmpnn.molq')
    """
    given = [models] if isinstance(models, str | Path) else models
    return planned(
        [model_path(model) for model in given],
        libraries(library, progress),
        cores=cores,
        rate=rate,
        smiles_column=smiles_column,
        id_column=id_column,
        format=format,
        progress=progress,
    )


def libraries(library: str | Path | Sequence[str | Path], progress: Progress = SILENT) -> list[str]:
    """The paths of a library, data sets called by name among them."""
    given = [library] if isinstance(library, str | Path) else library
    return [library_path(entry, progress) for entry in given]
