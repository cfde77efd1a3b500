"""Molecules by what a user types: the name of a registered data set, or a file."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from molq.chem.recipe import PLAIN, Recipe
from molq.chem.table import read_table, sample_table
from molq.data.labels import LabelledSet, load_dataset, read_labelled
from molq.data.locate import is_registered, library_path, neither
from molq.data.registry import dataset_info
from molq.errors import InputError, MolqWarning
from molq.progress import SILENT, Progress
from molq.urls import is_url


def labelled_set(
    source: str,
    tasks: Sequence[str] | None = None,
    *,
    smiles_column: str | None = None,
    kind: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    duplicates: str | None = None,
    recipe: Recipe = PLAIN,
    progress: Progress = SILENT,
) -> LabelledSet:
    """The labelled molecules of a registered data set (all its tasks, or those named) or of a table (``tasks`` needed).

    ``kind`` None is told from the labels of a table; ``recipe`` is that of the graphs. ``progress`` is told bytes while
    a registered set is downloaded. Warns (MolqWarning) of what a user should know of how a table was read. Raises
    InputError when ``source`` is neither, or a registered set of another kind.
    """
    if is_registered(source):
        if kind not in (None, dataset_info(source).kind):
            raise InputError(f"{source} is a {dataset_info(source).kind} set, and the model is for {kind}")
        return load_dataset(source, tasks, recipe=recipe, progress=progress)
    if not is_url(source) and not Path(source).is_file():
        raise InputError(neither(source))
    if not tasks:
        raise InputError(f"name the label columns of {source} with `tasks`")
    labelled = read_labelled(
        source,
        tasks=tasks,
        smiles_column=smiles_column,
        kind=kind,
        format=format,
        censored=censored,
        duplicates=duplicates,
        recipe=recipe,
    )
    for note in labelled.notes:
        warnings.warn(note, MolqWarning, stacklevel=2)
    return labelled


def library_smiles(
    source: str, *, smiles_column: str | None = None, format: str | None = None, progress: Progress = SILENT
) -> list[str]:
    """SMILES of the rows of a registered set, labelled or not, or of a file; rows that cannot be read are left out.

    Warns (MolqWarning) of how it was read.
    """
    if is_registered(source):
        smiles_column = dataset_info(source).smiles_column
    return _smiles(library_path(source, progress), smiles_column, format)


def represented_smiles(source: str, *, seed: int = 0, progress: Progress = SILENT) -> list[str]:
    """The same of a library that others shall represent: of a very large one rows drawn at random, with a note."""
    if is_registered(source):
        return library_smiles(source, progress=progress)
    table = sample_table(library_path(source, progress), seed)
    if table is None:
        return library_smiles(source, progress=progress)
    for note in table.notes:
        warnings.warn(note, MolqWarning, stacklevel=2)
    return [text for text in table.smiles if text]


def _smiles(path: str | Path, column: str | None, format: str | None) -> list[str]:
    table = read_table(path, smiles_column=column, format=format)
    for note in table.notes:
        warnings.warn(note, MolqWarning, stacklevel=3)
    if not (smiles := table.read_smiles):
        raise InputError(f"library {path} holds no molecule")
    return smiles
