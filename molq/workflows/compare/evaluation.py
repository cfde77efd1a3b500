"""Saved models against labelled molecules, each compared with the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.engine.engine import Engine
from molq.errors import InputError
from molq.store.molqfile import Loaded
from molq.training.record import recorded_split
from molq.workflows.compare.metric_intervals import N_RESAMPLES, Measured, agreement, default_margin, measure, per_task

SIDES = ("train", "valid", "test")


class Rows(NamedTuple):
    """The molecules that count, and what is known of them."""

    places: NDArray[np.int64]
    """in the labelled set, ascending"""
    unknown: tuple[str, ...]
    """files whose training molecules are not known, or were others"""


@dataclass(frozen=True)
class Evaluated:
    """One model on the molecules that count."""

    path: str
    scheme: str
    size_bytes: int
    measured: Measured
    agreement: dict[str, float | None]
    """with the first model"""
    per_task: dict[str, dict[str, float | None]]

    def fields(self) -> dict[str, Any]:
        """Flat but for ``per_task``, in JSON types."""
        return {
            "path": self.path,
            "scheme": self.scheme,
            "size_bytes": self.size_bytes,
            **self.measured.fields(),
            **self.agreement,
            "per_task": self.per_task,
        }


@dataclass(frozen=True)
class Evaluation:
    """Several models on the same molecules."""

    dataset: dict[str, Any]
    statistics: dict[str, Any]
    models: list[Evaluated]

    def to_dict(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "dataset": self.dataset,
            "statistics": self.statistics,
            "models": [model.fields() for model in self.models],
        }


def counted_rows(models: Sequence[Loaded], dataset: LabelledSet, side: str | None = "test") -> Rows:
    """The molecules on that side of the split of every model that was trained on ``dataset``.

    All of them when ``side`` is None. A model that was trained on something else, or does not say on what, excludes no
    molecule. Raises InputError when no molecule is left.
    """
    kept = np.ones(len(dataset), np.bool_)
    unknown = []
    for model in models:
        training = model.card.training or {}
        if training.get("dataset_sha256") != dataset.sha256:
            unknown.append(str(model.path))
        elif side is not None:
            split = recorded_split(training, dataset)
            kept &= np.isin(np.arange(len(dataset)), getattr(split, side))
    if not kept.any():
        raise InputError(
            f"no molecule of {dataset.name} is on the {side} side of the split of every model; pass --all-rows to "
            "count all of them"
        )
    return Rows(np.flatnonzero(kept), tuple(unknown))


def evaluate(
    models: Sequence[Loaded],
    dataset: LabelledSet,
    *,
    margin: float | None = None,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Metrics of every model on all molecules of ``dataset``, paired against the first model.

    Raises InputError when a model lacks one of the tasks.
    """
    margin = default_margin(dataset.kind, dataset.labels) if margin is None else margin
    evaluated: list[Evaluated] = []
    first: NDArray[np.float32] | None = None
    for model in models:
        scores = _scores(model, dataset)
        options = {"n_resamples": n_resamples, "seed": seed}
        measured = measure(dataset.kind, dataset.labels, scores, first, margin=margin, **options)
        first = scores if first is None else first
        evaluated.append(
            Evaluated(
                path=str(model.path),
                scheme=model.network.scheme,
                size_bytes=model.size_bytes,
                measured=measured,
                agreement=agreement(first, scores),
                per_task=per_task(dataset.kind, dataset.tasks, dataset.labels, scores),
            )
        )
    described = {
        "name": dataset.name,
        "kind": dataset.kind,
        "tasks": list(dataset.tasks),
        "molecules": len(dataset),
        "sha256": dataset.sha256,
    }
    statistics = {"margin": margin, "n_resamples": n_resamples, "seed": seed}
    return Evaluation(described, statistics, evaluated)


def _scores(model: Loaded, dataset: LabelledSet) -> NDArray[np.float32]:
    """[n, T] scores, columns in the order of the data set's tasks."""
    tasks = tuple(model.network.tasks)
    missing = [task for task in dataset.tasks if task not in tasks]
    if missing:
        raise InputError(f"{model.path} does not predict {missing[0]!r}; its tasks are {', '.join(tasks)}")
    if model.network.kind != dataset.kind:
        raise InputError(f"{model.path} is a {model.network.kind} model, and {dataset.name} a {dataset.kind} set")
    columns = [tasks.index(task) for task in dataset.tasks]
    return Engine(model.network).scores(dataset.graphs)[:, columns]
