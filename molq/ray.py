"""Ray Datasets of molecules in, Ray Datasets of scores out: a screen inside a pipeline of one's own.

What comes of it is Ray's own: it is filtered, joined and written with Ray Data. For a whole library into one file that
is the same to the byte wherever it was made, resumed after any interruption, there is ``molq.screen(engine="ray")``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from molq.chem.audit import AUDIT_RATE
from molq.face.bundled import model_path
from molq.face.screening import libraries
from molq.screening.ray_data import scored_dataset, scored_library
from molq.screening.screen import model_sources, screen_run
from molq.screening.settings import MAX_ATOMS, RAY, TIMEOUT_S, Manner, Settings
from molq.screening.workers.ray_session import require_ray

if TYPE_CHECKING:
    from molq.face.model import AnyModel

__all__ = ["screen"]


def screen(
    molecules: Any,
    models: AnyModel | Sequence[AnyModel],
    *,
    tasks: Sequence[str] | None = None,
    spread: bool = False,
    columns: Sequence[str] = (),
    smiles_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    max_atoms: int = MAX_ATOMS,
    strict: bool = False,
    timeout_per_molecule: float = TIMEOUT_S,
    audit: float = AUDIT_RATE,
    concurrency: int | None = None,
) -> Any:
    """A Ray Dataset of scores, computed when it is used: float32 columns, and ``rejected``, a reason or null.

    ``molecules`` is a Ray Dataset, whose rows come out with all they hold, or a library as in ``molq.screen``: paths
    that every node can read, or names of data sets. Of a library come ``row``, its number there, ``smiles``, ``id`` and
    the kept ``columns``; Ray may change the order. The SMILES column of a Dataset is found by its name. A column of
    scores whose name is taken is called task_NAME. Scores and reasons are those of ``molq.screen``, to the bit: each of
    the ``concurrency`` actors (by default one to all CPUs, as the work comes) has a worker process of its own, so that
    a molecule that crashes or hangs costs its row. The other parameters are those of ``molq.screen``; ``columns``,
    ``id_column`` and ``format`` are of a library alone.

    Raises InputError for what cannot be read as molecules, and what loading the models raises; UnsupportedError without
    the packages of ``molq[ray]``.

    >>> import molq.ray
    >>> import ray  # doctest: +SKIP
    >>> molecules = ray.data.read_parquet("library")  # doctest: +SKIP
    >>> scores = molq.ray.screen(molecules, "bace-dmpnn")  # doctest: +SKIP
    >>> scores.filter(expr="Class > 0.5").write_parquet("actives")  # doctest: +SKIP
    """
    require_ray("`molq.ray.screen`")
    settings = Settings(
        tasks=None if tasks is None else tuple(tasks),
        spread=spread,
        columns=tuple(columns),
        smiles_column=smiles_column,
        id_column=id_column,
        format=format,
        max_atoms=max_atoms,
        strict=strict,
    )
    manner = Manner(timeout_per_molecule=timeout_per_molecule, audit=audit, engine=RAY, concurrency=concurrency)
    given = [models] if not isinstance(models, Sequence) or isinstance(models, str) else models
    found = [model_path(model) if isinstance(model, str | Path) else bytes(model) for model in given]
    if hasattr(molecules, "map_batches"):
        return scored_dataset(molecules, model_sources(found), settings, manner)
    return scored_library(screen_run(found, libraries(molecules), "scores.parquet", settings, manner))
