"""Labelled molecules: graphs, labels with gaps, and the rows that were refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, take
from molq.data.checksum import content_sha256
from molq.data.locate import locate
from molq.data.registry import dataset_info
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.records.records import Record, Rejected, read_records

LABEL_KINDS = ("classification", "regression")
_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none"})


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
    """classification (labels 0 and 1) or regression"""
    rejected: list[Rejected]
    """refused rows: data row of the file, SMILES, reason"""
    sha256: str
    """of the uncompressed file"""

    def __len__(self) -> int:
        return len(self.smiles)

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


def load_dataset(name: str, tasks: Sequence[str] | None = None, *, progress: Progress = SILENT) -> LabelledSet:
    """The registered dataset ``name`` with all its tasks, or those named; downloaded when it is not on this machine."""
    info = dataset_info(name)
    if info.kind == "library":
        raise InputError(f"dataset {name} is a compound library and has no labels: screen it, or choose a labelled set")
    unknown = [task for task in tasks or () if task not in info.tasks]
    if unknown:
        raise InputError(f"dataset {name} has no task {unknown[0]!r}; its tasks are {', '.join(info.tasks)}")
    path = locate(name, progress=progress)
    labelled = read_labelled(path, tasks=tasks or info.tasks, smiles_column=info.smiles_column, kind=info.kind)
    return replace(labelled, name=name)


def read_labelled(
    path: str | Path, *, tasks: Sequence[str], smiles_column: str | None = None, kind: str | None = None
) -> LabelledSet:
    """The molecules of a table with a SMILES column and one column per task.

    An empty cell (or NaN, NA, null) is a missing label. ``kind`` None means classification when every label is 0 or 1,
    else regression. Raises InputError naming file, row and value for a label that is no number, or not 0 or 1 in a
    classification set; a SMILES that is refused goes to ``rejected`` instead.
    """
    path = Path(path)
    if not tasks:
        raise InputError(f"{path}: name at least one label column")
    records, refused = _read(path, smiles_column)
    labels = _labels(records, tuple(tasks), path)
    kind = kind or _kind_of(labels)
    if kind not in LABEL_KINDS:
        raise InputError(f"kind {kind!r} is unknown; choose from {', '.join(LABEL_KINDS)}")
    if kind == "classification":
        _require_classes(labels, records, tuple(tasks), path)
    featurized = featurize([record.smiles for record in records])
    refused += [Rejected(records[r.row].row, r.smiles, r.reason) for r in featurized.rejected]
    kept = featurized.index
    return LabelledSet(
        name=path.name.split(".")[0],
        smiles=[records[i].smiles for i in kept],
        rows=np.array([records[i].row for i in kept], np.int64),
        graphs=featurized.graphs,
        labels=labels[kept],
        tasks=tuple(tasks),
        kind=kind,
        rejected=sorted(refused),
        sha256=content_sha256(path),
    )


def _read(path: Path, smiles_column: str | None) -> tuple[list[Record], list[Rejected]]:
    records: list[Record] = []
    refused: list[Rejected] = []
    for item in read_records(path, smiles_column=smiles_column):
        if isinstance(item, Rejected):
            refused.append(item)
        else:
            records.append(item)
    return records, refused


def _labels(records: list[Record], tasks: tuple[str, ...], path: Path) -> NDArray[np.float32]:
    """[n, T] labels, NaN where the cell is empty."""
    labels = np.full((len(records), len(tasks)), math.nan, np.float32)
    if records and (absent := [task for task in tasks if task not in records[0].fields]):
        columns = ", ".join(list(records[0].fields)[:20])
        raise InputError(f"{path} has no column {absent[0]!r}; its columns are {columns}")
    for i, record in enumerate(records):
        for t, task in enumerate(tasks):
            labels[i, t] = _number(record, task, path)
    if np.isnan(labels).all():
        raise InputError(f"{path} holds no label in {', '.join(tasks)}")
    return labels


def _number(record: Record, task: str, path: Path) -> float:
    text = (record.fields.get(task) or "").strip()
    if text.lower() in _MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise InputError(f"{path}, row {record.row}, column {task!r}: {text!r} is not a finite number; leave it empty")
    return value


def _kind_of(labels: NDArray[np.float32]) -> str:
    known = labels[~np.isnan(labels)]
    return "classification" if np.isin(known, (0.0, 1.0)).all() else "regression"


def _require_classes(labels: NDArray[np.float32], records: list[Record], tasks: tuple[str, ...], path: Path) -> None:
    odd = np.argwhere(~np.isnan(labels) & (labels != 0) & (labels != 1))
    if len(odd):
        i, t = odd[0]
        value = records[i].fields[tasks[t]]
        raise InputError(
            f"{path}, row {records[i].row}, column {tasks[t]!r}: {value!r} is neither 0 nor 1, as classification wants"
        )
