"""What a screen would take, before it is begun."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from molq.data.locate import library_path
from molq.face.bundled import model_path
from molq.progress import SILENT, Progress
from molq.results.plan import ScreenPlan
from molq.screening.shards.plan import plan as run


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
    >>> plan.shards, plan.models[0].model
    (4, 'bace-dmpnn.molq')
    """
    given = [models] if isinstance(models, str | Path) else models
    entries = [library] if isinstance(library, str | Path) else library
    return run(
        [model_path(model) for model in given],
        [library_path(entry, progress) for entry in entries],
        cores=cores,
        rate=rate,
        smiles_column=smiles_column,
        id_column=id_column,
        format=format,
        progress=progress,
    )
