"""Prepared libraries: parsed once, screened often."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from molq import __version__
from molq.errors import InputError
from molq.records.layout import Wanted
from molq.records.reader import LibraryReader
from molq.records.sources import find_sources
from molq.screening.library.file import (
    COUNTS_KEY,
    GROUP_ROWS,
    MAX_ATOMS,
    WRITER_OPTIONS,
    LibraryHeader,
    descriptor_layout,
    schema,
)
from molq.screening.output.output_files import check_output, refuse_existing
from molq.screening.output.parquet_sink import ParquetSink
from molq.screening.run import SHARD_ROWS, Plan, ProgressCallback, describe_inputs, execute
from molq.screening.screen import CHUNK_ROWS, TIMEOUT_S, make_runner, n_workers
from molq.screening.summary import Summary
from molq.screening.workers.job import Job


def build_library(
    library: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    smiles_column: str | None = None,
    id_column: str | None = None,
    columns: Sequence[str] = (),
    keep_smiles: bool = True,
    workers: int | None = None,
    max_atoms: int = 1000,
    timeout_per_molecule: float = TIMEOUT_S,
    resume: bool = False,
    force: bool = False,
    progress: ProgressCallback | None = None,
    chunk_rows: int = CHUNK_ROWS,
    shard_rows: int = SHARD_ROWS,
) -> Summary:
    """Parse a library into a .molqlib file: packed graphs, ids, SMILES, kept columns, and why rows were rejected.

    Scores of the prepared library are those of the library, bit for bit. The same inputs and options give the same
    bytes. Raises InputError and OutputError as ``screen`` does.
    """
    path = Path(output)
    if path.suffix != ".molqlib":
        raise InputError(f"{path}: a prepared library must end in .molqlib")
    if not 1 <= max_atoms <= MAX_ATOMS:
        raise InputError(f"--max-atoms {max_atoms}: a prepared library holds molecules of 1 to {MAX_ATOMS} atoms")
    sources = find_sources([library] if isinstance(library, str | Path) else library)
    check_output(path, [source.path for source in sources])
    refuse_existing(path, force, resume)
    reader = LibraryReader(sources, Wanted(smiles_column, id_column, tuple(columns)))
    job = Job(
        models=(),
        loader="",
        output="library",
        layouts=tuple(reader.layouts),
        has_id=any(layout.id is not None for layout in reader.layouts),
        has_smiles=keep_smiles and any(layout.has_smiles for layout in reader.layouts),
        columns=tuple(columns),
        max_atoms=max_atoms,
    )
    header = LibraryHeader(
        has_id=job.has_id,
        has_smiles=job.has_smiles,
        columns=job.columns,
        max_atoms=max_atoms,
        sources=tuple(Path(source.path).name for source in sources),
        created_with=__version__,
        descriptors=descriptor_layout(),
    )
    sink = ParquetSink(path, schema(header), GROUP_ROWS, WRITER_OPTIONS)

    def identity() -> dict[str, Any]:
        return {
            "molq": __version__,
            "inputs": describe_inputs(reader),
            "wanted": [smiles_column, id_column, *columns],
            "SMILES kept": keep_smiles,
            "max atoms": max_atoms,
            "rows per shard": shard_rows,
        }

    count = n_workers(workers)
    return execute(
        Plan(
            reader=reader,
            runner=make_runner(job, count, timeout_per_molecule),
            make_sink=lambda tasks: sink,
            output=path,
            identity=identity,
            workers=count,
            chunk_rows=chunk_rows,
            shard_rows=shard_rows,
            resume=resume,
            force=force,
        ),
        progress,
        lambda done: sink.metadata.update(
            {COUNTS_KEY: json.dumps({"rows": done.rows, "rejected": done.rows - done.scored}).encode()}
        ),
    )
