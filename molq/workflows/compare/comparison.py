"""Saved models against labelled molecules, each compared with the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.engine.all_scores import all_scores
from molq.errors import InputError
from molq.nn.judged import Judge, Judged, judge
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
    judges = _judges(models, dataset)
    kind, names = judges[0].kind, judges[0].names
    rows = counted_rows(models, dataset, side)
    counted = dataset.subset(rows.places)
    labels = judges[0].labels(counted.labels)
    margin = chosen_margin(kind, labels, margin)
    compared: list[ComparedModel] = []
    first: Judged | None = None
    progress.stage("compare")
    for done, (model, judged_by) in enumerate(zip(models, judges, strict=True)):
        progress.step(done, len(models))
        scores = judged_by.scores(all_scores(model.network, counted.graphs_by(model.network.recipe), str(model.path)))
        measured = accuracy(kind, labels, scores, first, margin=margin, n_resamples=n_resamples, seed=seed)
        first = scores if first is None else first
        compared.append(
            ComparedModel(
                path=str(model.path),
                scheme=model.network.scheme,
                size_bytes=model.size_bytes,
                accuracy=measured,
                agreement=agreement(first.values, scores.values),
                per_task=accuracy_per_task(kind, names, labels, scores),
            )
        )
    return Comparison(_section(dataset, rows, side), statistics_of(kind, margin, n_resamples, seed), tuple(compared))


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


def _judges(models: Sequence[Loaded], dataset: LabelledSet) -> list[Judge]:
    """Of each model, for the tasks of the data set in its order; spreads count where all models state the same kind."""
    for model in models:
        missing = [task for task in dataset.tasks if task not in model.network.tasks]
        if missing:
            tasks = ", ".join(model.network.tasks)
            raise InputError(f"{model.path} does not predict {missing[0]!r}; its tasks are {tasks}")
        if model.network.kind != dataset.kind:
            raise InputError(f"{model.path} is a {model.network.kind} model, and {dataset.name} a {dataset.kind} set")
    judges = [judge(model.network, dataset.tasks) for model in models]
    for model, found in zip(models, judges, strict=True):
        if found.n_classes != judges[0].n_classes:
            raise InputError(
                f"{model.path} tells {found.n_classes} classes apart, and {models[0].path} {judges[0].n_classes}"
            )
    if len({found.spread for found in judges}) == 1:
        return judges
    return [found._replace(spread=None) for found in judges]
