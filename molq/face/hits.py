"""The best molecules of scores as a list worth ordering, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
from narwhals.typing import IntoDataFrame

from molq.errors import InputError
from molq.face.inputs import FRAME, Molecules, is_frame, name_of, on_disk, smiles_of
from molq.files import write_whole
from molq.limits import require_within
from molq.outputs import refuse_outputs
from molq.progress import SILENT, Progress
from molq.report.files.formats import written_as
from molq.results.hits import Hits
from molq.task_names import task_columns
from molq.workflows.hits.hits import Judges, ReferenceMolecules, Wishes, find_hits
from molq.workflows.hits.read_scores import Reading

if TYPE_CHECKING:
    from molq.face.model import AnyModel
    from molq.store.molqfile import Loaded

Texts = str | Sequence[str]
"""one, or several"""
_BETWEEN = ", "
"""the names of several files of scores"""


def hits(
    scores: str | Path | Sequence[str | Path] | IntoDataFrame,
    *,
    task: str | None = None,
    top: int = 500,
    diverse: int | None = None,
    diverse_by: Literal["cluster", "maxmin"] = "cluster",
    filter: Texts = (),
    drop_alerts: bool = False,
    property: Texts = (),
    lowest: bool = False,
    model: AnyModel | None = None,
    reference: Molecules | None = None,
    against: AnyModel | None = None,
    smiles_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    progress: Progress = SILENT,
) -> Hits:
    """The best molecules of a screen, each once, with structural alerts and properties; memory does not grow with it.

    ``scores`` is what ``molq.screen`` wrote, or any table with SMILES and scores: files, or a DataFrame. ``task``
    is the column that ranks, where there are several; ``lowest`` makes low scores the good ones. Of the ``top`` best
    rows all are listed, or with ``diverse`` so many that are unlike each other: the best of each ``cluster`` of similar
    molecules, or by ``maxmin``.

    ``filter`` flags molecules by structural alerts: pains, brenk, nih, zinc, or files of SMARTS, a pattern and its
    name a line; ``drop_alerts`` leaves them out. ``property`` keeps the molecules that meet every condition, such
    as ``mw<500``. What is left out is counted in ``left_out``. ``write_hits`` writes files.

    With the ``model`` that gave the scores every hit tells whether it can be believed: how near it is to what the
    model was trained on, which ``reference`` holds where the model's file does not. Without a model ``reference`` is
    any molecules that hits may be near to. ``against`` is another model: how ranks differ by it, among the best rows,
    and in ``most_moved`` the molecules that moved most.

    Raises InputError for scores that cannot be read, where it is not clear which column ranks, and for filters and
    conditions that are none.

    >>> import molq
    >>> summary = molq.screen("bace-dmpnn", "bace", "scores.csv", workers=1)
    >>> found = molq.hits("scores.csv", top=3, filter="pains")
    >>> [hit.rank for hit in found.hits], found.rows
    ([1, 2, 3], 1513)
    """
    require_within(top=top, diverse=diverse)
    wishes = Wishes(
        top, lowest, diverse, diverse_by, _texts(filter, "filter"), drop_alerts, _texts(property, "property")
    )
    judges = _judges(model, against, reference, progress)
    reading = Reading(task, smiles_column, id_column, format, _predictions(judges.model))
    paths = _paths(scores)
    if paths is not None:
        return find_hits(paths, wishes, reading, judges, _BETWEEN.join(map(str, paths)), progress)
    frame: Any = scores
    columns = nw.from_native(frame, eager_only=True).columns
    with on_disk(frame, columns) as path:
        return find_hits(path, wishes, reading, judges, FRAME, progress)


def write_hits(hits: Hits, output: str | Path | Sequence[str | Path], *, force: bool = False) -> list[Path]:
    """Writes hits as .csv, .html, .sdf or .xlsx, whole or not at all, and gives the paths.

    Raises OutputError when one is the file of the scores, exists and ``force`` is False, or cannot be written;
    InputError for another ending.

    >>> import molq
    >>> with open("scores.csv", "w") as file:
    ...     print("smiles,p", "CCO,0.2", "Oc1ccccc1,0.9", sep="\\n", file=file)
    >>> [path.name for path in molq.write_hits(molq.hits("scores.csv", top=3), ["best.sdf", "best.csv"])]
    ['best.sdf', 'best.csv']
    """
    paths = [Path(path) for path in ([output] if isinstance(output, str | Path) else output)]
    writers = [written_as(path) for path in paths]
    refuse_outputs(paths, [hits.source, *hits.source.split(_BETWEEN)], force=force)
    contents = [write(hits) for write in writers]
    for path, content in zip(paths, contents, strict=True):
        write_whole(path, content, force=force)
    return paths


def _judges(
    model: AnyModel | None, against: AnyModel | None, reference: Molecules | None, progress: Progress
) -> Judges:
    from molq.face.loaded import loaded_of  # late: it brings torch, which scores alone do not need

    known = None
    if reference is not None:
        name = name_of(reference) if isinstance(reference, str | Path) else "the reference"
        known = ReferenceMolecules(smiles_of(reference, progress=progress), name)
    return Judges(None if model is None else loaded_of(model), None if against is None else loaded_of(against), known)


def _predictions(model: Loaded | None) -> frozenset[str]:
    """What the model calls its predictions in files of scores."""
    if model is None:
        return frozenset()
    return frozenset(task_columns([column.name for column in model.network.columns if column.is_prediction]))


def _paths(scores: object) -> list[str | Path] | None:
    """The files; None for a DataFrame. Raises InputError for anything else."""
    given = [scores] if isinstance(scores, str | Path) else scores
    if isinstance(given, list | tuple) and given and all(isinstance(path, str | Path) for path in given):
        return list(given)
    if not is_frame(scores):
        raise InputError(f"{type(scores).__name__} is no table of scores; give a path or a DataFrame")
    return None


def _texts(given: Texts, parameter: str) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else list(given)
    if odd := [text for text in texts if not isinstance(text, str | Path)]:
        raise InputError(f"`{parameter}` takes texts, not {type(odd[0]).__name__}")
    return tuple(str(text) for text in texts)
