"""Labelled molecules: graphs, labels with gaps, and the rows that were refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize, graphs_of
from molq.chem.identity import same_molecules
from molq.chem.packed import PackedGraphs, take
from molq.chem.recipe import PLAIN, Recipe
from molq.chem.table import MoleculeTable, read_table
from molq.data.checksum import content_sha256
from molq.data.duplicates import settle_duplicates
from molq.data.label_cells import CENSORED, label_column
from molq.data.locate import locate
from molq.data.registry import dataset_info
from molq.errors import InputError
from molq.files import require_file
from molq.progress import SILENT, Progress
from molq.records.record import Rejected
from molq.task_names import require_distinct
from molq.urls import name_in, url_of

_NO_CLASS = {"classification": "neither 0 nor 1", "multiclass": "not one of 0, 1, 2 ..."}
LABEL_KINDS = ("classification", "regression", "multiclass")


@dataclass(frozen=True)
class LabelledSet:
    """n molecules with T labels each."""

    name: str
    smiles: list[str]
    rows: NDArray[np.int64]
    """[n] data row of the file, from 0"""
    graphs: PackedGraphs
    labels: NDArray[np.float32]
    """[n, T], NaN where missing"""
    tasks: tuple[str, ...]
    kind: str
    """classification (labels 0 and 1), regression, or multiclass (0, 1, 2 ...)"""
    rejected: list[Rejected]
    """refused rows: data row of the file, SMILES, reason"""
    sha256: str
    """of the uncompressed file"""
    notes: tuple[str, ...] = ()
    """what a user should know of how the file was read"""
    recipe: Recipe = PLAIN
    """of the graphs"""

    def __len__(self) -> int:
        return len(self.smiles)

    @cached_property
    def same(self) -> NDArray[np.int64]:
        """[n] of each molecule the first that is the same, however it is spelled."""
        return _same(self.smiles, self.graphs, self.recipe)

    def graphs_by(self, recipe: Recipe) -> PackedGraphs:
        """The graphs by any recipe. Raises InputError for a molecule that has none by it."""
        return self.graphs if recipe == self.recipe else graphs_of(self.smiles, recipe)

    def subset(self, index: NDArray[np.integer]) -> LabelledSet:
        """The molecules at ``index``, in that order; refused rows are left behind."""
        index = np.asarray(index, np.int64)
        return replace(
            self,
            smiles=[self.smiles[i] for i in index],
            rows=self.rows[index],
            graphs=take(self.graphs, index),
            labels=self.labels[index],
            rejected=[],
        )


def load_dataset(
    name: str, tasks: Sequence[str] | None = None, *, recipe: Recipe = PLAIN, progress: Progress = SILENT
) -> LabelledSet:
    """The registered dataset ``name`` with all its tasks, or those named; downloaded when it is not on this machine."""
    info = dataset_info(name)
    if info.kind == "library":
        raise InputError(f"dataset {name} is a compound library and has no labels: screen it, or choose a labelled set")
    unknown = [task for task in tasks or () if task not in info.tasks]
    if unknown:
        raise InputError(f"dataset {name} has no task {unknown[0]!r}; its tasks are {', '.join(info.tasks)}")
    path = locate(name, progress=progress)
    labelled = read_labelled(
        path, tasks=tasks or info.tasks, smiles_column=info.smiles_column, kind=info.kind, recipe=recipe
    )
    return replace(labelled, name=name)


def read_labelled(
    path: str | Path,
    *,
    tasks: Sequence[str],
    smiles_column: str | None = None,
    kind: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    duplicates: str | None = None,
    recipe: Recipe = PLAIN,
) -> LabelledSet:
    """The molecules of a table with a SMILES column and one column per task.

    What labels may look like: ``molq.data.label_cells``; an empty cell is a missing one, and ``censored`` says what
    becomes of bounds. ``kind`` None means classification when every label is 0 or 1, else regression. ``duplicates``:
    ``settle_duplicates``. The graphs are those of ``recipe``. Raises InputError naming file, row and value for a label
    that cannot be read, or is no class in a set of classes; a SMILES that is refused goes to ``rejected`` instead.
    """
    path = Path(path)
    if not tasks:
        raise InputError(f"{path}: name at least one label column")
    require_distinct(tasks, "tasks")
    if censored not in (None, *CENSORED):
        raise InputError(f"`censored` is {censored!r}; choose from {', '.join(CENSORED)}")
    if kind not in (None, *LABEL_KINDS):
        raise InputError(f"kind {kind!r} is unknown; choose from {', '.join(LABEL_KINDS)}")
    require_file(path, InputError)  # it is read twice: for its rows and for its checksum
    table = read_table(path, smiles_column=smiles_column, columns=list(tasks), format=format)
    read = table.read
    columns = [
        label_column([table.columns[task][row] for row in read], read, task, str(path), censored) for task in tasks
    ]
    labels = np.stack([column.values for column in columns], axis=1)
    if np.isnan(labels).all():
        raise InputError(f"{path} holds no label in {', '.join(tasks)}")
    kind = kind or _kind_of(labels)
    if kind != "regression":
        _require_classes(kind, labels, table, read, tasks)
    featurized = featurize([table.smiles[row] for row in read], recipe=recipe)
    refused = [*table.rejected, *(Rejected(read[r.row], r.smiles, r.reason) for r in featurized.rejected)]
    index = featurized.index
    if not len(index):
        raise InputError(
            f"{path}: no SMILES could be read in any of {len(table.smiles):,} rows; the first is"
            f" {_first(table.smiles)!r}: {min(refused).reason}"
        )
    smiles = [table.smiles[read[i]] for i in index]
    settled = settle_duplicates(_same(smiles, featurized.graphs, recipe), labels[index], kind, duplicates)
    notes = [*table.notes, *(f"{path}, {note}" for column in columns for note in column.notes)]
    kept = settled.kept
    return LabelledSet(
        name=name_in(url_of(path)).split(".")[0],
        smiles=[smiles[i] for i in kept],
        rows=np.array(read, np.int64)[index[kept]],
        graphs=featurized.graphs if len(kept) == len(index) else take(featurized.graphs, kept),
        labels=settled.labels,
        tasks=tuple(tasks),
        kind=kind,
        rejected=sorted(refused),
        sha256=content_sha256(path),
        notes=tuple([*notes, f"{path}: {settled.note}"] if settled.note else notes),
        recipe=recipe,
    )


def _same(smiles: Sequence[str], graphs: PackedGraphs, recipe: Recipe) -> NDArray[np.int64]:
    """[n] of each molecule the first that is the same; graphs that depend on the spelling do not tell."""
    return same_molecules(smiles, None if recipe.keeps_hydrogens else graphs)


def _first(smiles: Sequence[str]) -> str:
    return next((text for text in smiles if text), "")[:60]


def _kind_of(labels: NDArray[np.float32]) -> str:
    known = labels[~np.isnan(labels)]
    return "classification" if np.isin(known, (0.0, 1.0)).all() else "regression"


def _require_classes(
    kind: str, labels: NDArray[np.float32], table: MoleculeTable, read: Sequence[int], tasks: Sequence[str]
) -> None:
    is_class = (labels == 0) | (labels == 1) if kind == "classification" else (labels >= 0) & (labels % 1 == 0)
    odd = np.argwhere(~np.isnan(labels) & ~is_class)
    if len(odd):
        i, t = odd[0]
        value = table.columns[tasks[t]][read[i]]
        raise InputError(
            f"{table.name}, row {read[i]}, column {tasks[t]!r}: {value!r} is {_NO_CLASS[kind]}, as {kind} wants"
        )
