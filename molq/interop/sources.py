"""What `molq import` is given, as one model: files, directories, or the name of an ensemble of ADMET-AI."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from molq.chem.recipe import Recipe
from molq.errors import CheckpointError, MolqError
from molq.files import file_sha256
from molq.interop.admet import PREFIX, admet_checkpoints
from molq.interop.checkpoint import Checkpoint, read_checkpoint
from molq.interop.chemprop_v1_args import PADDED_DEGREE
from molq.interop.ensembles import align
from molq.interop.told_recipe import NOT_ASKED, AskedRecipe
from molq.nn.ensemble import Network, from_members
from molq.progress import SILENT, Progress

_PADDED = (
    "trained with --bias, so that chemprop 1's scores depend on the other molecules of a batch; these are those of a"
    f" batch whose atoms have at most {PADDED_DEGREE} neighbours"
)

_LAST = re.compile(r"last(-v\d+)?\.ckpt")
"""what Lightning calls the newest epoch; numbered where an earlier run left one"""


class Imported(NamedTuple):
    """A model and where it came from, in JSON types."""

    network: Network
    provenance: dict[str, Any]
    files: list[tuple[Checkpoint, list[int]]]
    """the members as they were read, and where each task of the model stands in them"""


def import_model(
    sources: Sequence[str | Path],
    tasks: Sequence[str] | None = None,
    asked: AskedRecipe = NOT_ASKED,
    progress: Progress = SILENT,
) -> Imported:
    """The model that ``sources`` hold; several checkpoints are an ensemble.

    A file counts once, under however many names and in however many copies it is given. ``tasks`` names the tasks when
    the checkpoints do not, or renames them; molecules are read as ``asked``, else as stands in the files or beside
    them. Raises CheckpointError.
    """
    by_content: dict[tuple[str, Recipe], Checkpoint] = {}
    paths = checkpoint_paths(sources)
    for i, path in enumerate(paths):
        checkpoint = read_checkpoint(path, asked)
        by_content.setdefault((file_sha256(path), checkpoint.predictor.recipe), checkpoint)
        progress.step(i + 1, len(paths))
    checkpoints = list(by_content.values())
    predictors, places, notes = align(checkpoints, tasks)
    try:
        model = from_members(predictors)
    except MolqError as error:
        raise CheckpointError(f"{', '.join(map(str, sources))}: {error}") from error
    if any(member.config.padded_degree for member in predictors):
        notes.append(_PADDED)
    named = [{"name": member.path.name, "sha256": content} for (content, _), member in by_content.items()]
    origin = " and ".join(sorted({checkpoint.program for checkpoint in checkpoints}))
    if any(str(source).startswith(PREFIX) for source in sources):
        origin = "ADMET-AI"
    else:
        notes += dict.fromkeys(note for checkpoint in checkpoints for note in checkpoint.notes)
    provenance: dict[str, Any] = {"imported_from": origin, "files": named}
    if again := len(paths) - len(by_content):
        notes = [f"{again} of {len(paths)} files given hold what another holds, and count once", *notes]
    files = list(zip(checkpoints, places, strict=True))
    return Imported(model, provenance | ({"notes": notes} if notes else {}), files)


def checkpoint_paths(sources: Sequence[str | Path]) -> list[Path]:
    """The checkpoint files that ``sources`` stand for, in the order given.

    A directory stands for every ``.pt`` file below it; if there is none, for every ``.ckpt``, but for Lightning's
    ``last.ckpt`` beside another, which would count the newest epoch beside the best one.
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
    return paths


def _directory(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.pt"))
    if not found:
        saved = sorted(folder.rglob("*.ckpt"))
        with_best = {path.parent for path in saved if not _LAST.fullmatch(path.name)}
        found = [path for path in saved if not (_LAST.fullmatch(path.name) and path.parent in with_best)]
    if not found:
        raise CheckpointError(f"{folder}: no .pt and no .ckpt file in this directory")
    return found
