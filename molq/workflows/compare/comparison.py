"""Saved models against labelled molecules, each compared with the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.engine.all_scores import all_scores
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.results.comparison import ComparedModel, Comparison, LabelledSection
from molq.store.molqfile import Loaded
from molq.training.record import recorded_split
from molq.workflows.compare.accuracy import N_RESAMPLES, accuracy, accuracy_per_task, chosen_margin, statistics_of
from molq.workflows.compare.agreement import agreement

SIDES = ("train", "valid", "test")


class CountedRows(NamedTuple):
    """The molecules that count, and what is known of them."""

    places: NDArray[np.int64]
    """in the labelled set, ascending"""
    unknown: tuple[str, ...]
    """files whose training molecules are not known, or were others"""


def compare(
    models: Sequence[Loaded],
    dataset: LabelledSet,
    *,
    side: str | None = "test",
    margin: float | None = None,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Comparison:
    """Metrics of every model on the same molecules of ``dataset``, paired against the first model.

    Those molecules count that are on that ``side`` of the split of every model that was trained on ``dataset``, or all
    when ``side`` is None. ``margin`` None is the usual one of the kind of task. Raises InputError when a model lacks
    one of the tasks, or no molecule is left.
    """
    rows = counted_rows(models, dataset, side)
    counted = dataset.subset(rows.places)
    margin = chosen_margin(counted.kind, counted.labels, margin)
    compared: list[ComparedModel] = []
    first: NDArray[np.float32] | None = None
    progress.stage("compare")
    for done, model in enumerate(models):
        progress.step(done, len(models))
        scores = _scores(model, counted)
        measured = accuracy(
            counted.kind, counted.labels, scores, first, margin=margin, n_resamples=n_resamples, seed=seed
        )
        first = scores if first is None else first
        compared.append(
            ComparedModel(
                path=str(model.path),
                scheme=model.network.scheme,
                size_bytes=model.size_bytes,
                accuracy=measured,
                agreement=agreement(first, scores),
                per_task=accuracy_per_task(counted.kind, counted.tasks, counted.labels, scores),
            )
        )
    return Comparison(
        _section(dataset, rows, side), statistics_of(counted.kind, margin, n_resamples, seed), tuple(compared)
    )


def counted_rows(models: Sequence[Loaded], dataset: LabelledSet, side: str | None = "test") -> CountedRows:
    """The molecules on that side of the split of every model that was trained on ``dataset``.

    All of them when ``side`` is None. A model that was trained on something else, or does not say on what, excludes no
    molecule. Raises InputError when no molecule is left.
    """
    if side not in (None, *SIDES):
        raise InputError(f"`split` {side} must be one of {', '.join(SIDES)}")
    kept = np.ones(len(dataset), np.bool_)
    unknown = []
    for model in models:
        split = recorded_split(model.card.training, dataset)
        if split is None:
            unknown.append(str(model.path))
        elif side is not None:
            kept &= np.isin(np.arange(len(dataset)), getattr(split, side))
    if not kept.any():
        raise InputError(
            f"no molecule of {dataset.name} is on the {side} side of the split of every model; pass `all_rows` to "
            "count all of them"
        )
    return CountedRows(np.flatnonzero(kept), tuple(unknown))


def _section(dataset: LabelledSet, rows: CountedRows, side: str | None) -> LabelledSection:
    return LabelledSection(
        name=dataset.name,
        kind=dataset.kind,
        tasks=dataset.tasks,
        molecules=len(rows.places),
        sha256=dataset.sha256,
        all_molecules=len(dataset),
        rejected=len(dataset.rejected),
        side=side,
        unknown=rows.unknown,
    )


def _scores(model: Loaded, dataset: LabelledSet) -> NDArray[np.float32]:
    """[n, T] scores, columns in the order of the data set's tasks."""
    tasks = tuple(model.network.tasks)
    missing = [task for task in dataset.tasks if task not in tasks]
    if missing:
        raise InputError(f"{model.path} does not predict {missing[0]!r}; its tasks are {', '.join(tasks)}")
    if model.network.kind != dataset.kind:
        raise InputError(f"{model.path} is a {model.network.kind} model, and {dataset.name} a {dataset.kind} set")
    columns = [tasks.index(task) for task in dataset.tasks]
    return all_scores(model.network, dataset.graphs_by(model.network.recipe), str(model.path))[:, columns]
