"""What `molq import` is given, as one model: files, directories, or the name of an ensemble of ADMET-AI."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from molq.errors import CheckpointError, MolqError
from molq.files import file_sha256
from molq.interop.admet import PREFIX, admet_checkpoints
from molq.interop.chemprop import read_predictor
from molq.nn.ensemble import Network, from_members
from molq.progress import SILENT, Progress


class Imported(NamedTuple):
    """A model and where it came from, in JSON types."""

    network: Network
    provenance: dict[str, Any]


def import_model(
    sources: Sequence[str | Path],
    tasks: Sequence[str] | None = None,
    progress: Progress = SILENT,
) -> Imported:
    """The model that ``sources`` hold; several checkpoints are an ensemble.

    ``tasks`` names the tasks when the checkpoints do not, or renames them. Raises CheckpointError.
    """
    paths = checkpoint_paths(sources)
    members = []
    for i, path in enumerate(paths):
        members.append(read_predictor(path, tasks))
        progress.step(i + 1, len(paths))
    try:
        model = from_members(members)
    except MolqError as error:
        raise CheckpointError(f"{', '.join(map(str, sources))}: {error}") from error
    files = [{"name": path.name, "sha256": file_sha256(path)} for path in paths]
    origin = "ADMET-AI" if any(str(source).startswith(PREFIX) for source in sources) else "chemprop"
    return Imported(model, {"imported_from": origin, "files": files})


def checkpoint_paths(sources: Sequence[str | Path]) -> list[Path]:
    """The checkpoint files that ``sources`` stand for, each once, in the order given.

    A directory stands for every ``.pt`` file below it; if there is none, for every ``.ckpt`` but Lightning's
    ``last.ckpt``, which would count the newest epoch beside the best one.
    """
    paths: list[Path] = []
    for source in sources:
        if str(source).startswith(PREFIX):
            paths += admet_checkpoints(str(source))
        elif Path(source).is_dir():
            paths += _directory(Path(source))
        else:
            paths.append(Path(source))
    if not paths:
        raise CheckpointError("no checkpoint to import")
    if repeated := sorted({str(path) for path in paths if paths.count(path) > 1}):
        raise CheckpointError(f"{repeated[0]}: given twice, and it would count twice in the ensemble")
    return paths


def _directory(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.pt"))
    if not found:
        found = [path for path in sorted(folder.rglob("*.ckpt")) if path.name != "last.ckpt"]
    if not found:
        raise CheckpointError(f"{folder}: no .pt and no .ckpt file in this directory")
    return found
