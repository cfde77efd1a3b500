"""Molecules by what a user types: the name of a registered data set, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from molq.data.labels import LabelledSet, load_dataset, read_labelled
from molq.data.locate import locate
from molq.data.registry import dataset_info, dataset_names
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.records.records import Rejected, read_records


def labelled_set(
    source: str,
    tasks: Sequence[str] | None = None,
    *,
    smiles_column: str | None = None,
    kind: str | None = None,
    progress: Progress = SILENT,
) -> LabelledSet:
    """The labelled molecules of a registered data set (all its tasks, or those named) or of a table (``tasks`` needed).

    ``kind`` None is told from the labels of a table. ``progress`` is told bytes while a registered set is downloaded.
    Raises InputError when ``source`` is neither, or a registered set of another kind.
    """
    if Path(source).is_file():
        if not tasks:
            raise InputError(f"name the label columns of {source} with --task")
        return read_labelled(source, tasks=tasks, smiles_column=smiles_column, kind=kind)
    if source not in dataset_names():
        raise InputError(f"{source} is neither a file nor a registered data set; see molq data list")
    if kind not in (None, dataset_info(source).kind):
        raise InputError(f"{source} is a {dataset_info(source).kind} set, and the model is for {kind}")
    return load_dataset(source, tasks, progress=progress)


def library_smiles(source: str, *, smiles_column: str | None = None, progress: Progress = SILENT) -> list[str]:
    """SMILES of the rows of a registered set, labelled or not, or of a file; rows that cannot be read are left out."""
    if Path(source).is_file():
        return _smiles(source, smiles_column)
    if source not in dataset_names():
        raise InputError(f"library {source} is neither a file nor a registered data set; see molq data list")
    return _smiles(locate(source, progress=progress), dataset_info(source).smiles_column)


def _smiles(path: str | Path, column: str | None) -> list[str]:
    smiles = [item.smiles for item in read_records(path, smiles_column=column) if not isinstance(item, Rejected)]
    if not smiles:
        raise InputError(f"library {path} holds no molecule")
    return smiles
