"""Prepared libraries: parsed once, screened often."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from molq import __version__
from molq.chem.audit import AUDIT_RATE
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.results.screening import ScreenSummary
from molq.screening.library.source import open_screened
from molq.screening.output.molqlib_file import STORABLE_ATOMS, LibraryHeader, MolqlibFile, descriptor_layout
from molq.screening.run import Run, execute
from molq.screening.settings import CHUNK_ROWS, MAX_ATOMS, SHARD_ROWS, TIMEOUT_S, Manner, Settings
from molq.screening.workers.job import Job


def build_library(
    library: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    smiles_column: str | None = None,
    id_column: str | None = None,
    columns: Sequence[str] = (),
    format: str | None = None,
    keep_smiles: bool = True,
    workers: int | None = None,
    max_atoms: int = MAX_ATOMS,
    timeout_per_molecule: float = TIMEOUT_S,
    audit: float = AUDIT_RATE,
    resume: bool = False,
    force: bool = False,
    progress: Progress = SILENT,
    chunk_rows: int = CHUNK_ROWS,
    shard_rows: int = SHARD_ROWS,
) -> ScreenSummary:
    """Parse a library into a .molqlib file: packed graphs, ids, SMILES, kept columns, and why rows were rejected.

    Scores of the prepared library are those of the library, bit for bit. The same inputs and options give the same
    bytes. Raises InputError and OutputError as ``screen`` does.
    """
    path = Path(output)
    if path.suffix != ".molqlib":
        raise InputError(f"{path}: a prepared library must end in .molqlib")
    if not 1 <= max_atoms <= STORABLE_ATOMS:
        holds = f"a prepared library holds molecules of 1 to {STORABLE_ATOMS} atoms"
        raise InputError(f"`max_atoms` is {max_atoms}: {holds}")
    settings = Settings(
        smiles_column=smiles_column,
        id_column=id_column,
        columns=tuple(columns),
        format=format,
        keep_smiles=keep_smiles,
        max_atoms=max_atoms,
        shard_rows=shard_rows,
    )
    reopen = partial(open_screened, library, settings)
    reader = reopen()
    header = LibraryHeader(
        has_id=any(layout.has_id for layout in reader.layouts),
        has_smiles=keep_smiles and any(layout.has_smiles for layout in reader.layouts),
        columns=settings.columns,
        max_atoms=max_atoms,
        sources=tuple(Path(source.path).name for source in reader.sources),
        created_with=__version__,
        descriptors=descriptor_layout(),
    )
    job = Job(
        models=(),
        output=MolqlibFile(str(path), header),
        layouts=reader.layouts_for_workers,
        n_columns=len(settings.columns),
        max_atoms=max_atoms,
        audit_rate=audit,
    )
    manner = Manner(workers, chunk_rows, timeout_per_molecule, resume, force, audit)
    return execute(Run("build", reader, job, path, settings, manner, reopen), progress)
