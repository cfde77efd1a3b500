"""What a trained model came to on molecules it never saw, and what it learnt from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.data.labels import LabelledSet
from molq.data.splits import Split
from molq.engine.all_scores import all_scores
from molq.metrics.classes import USUAL_THRESHOLD, best_threshold, called
from molq.metrics.significance import Interval
from molq.nn.judged import Judged
from molq.results.accuracy import PerTask
from molq.results.plain import plain
from molq.results.training import (
    Confusion,
    Epoch,
    LearntMolecules,
    Miss,
    RejectedRow,
    Repeats,
    SideLabels,
    TaskLabels,
    TaskTest,
    TrainedSection,
    Training,
    TrainingSplit,
)
from molq.store.card import Card
from molq.store.molqfile import Loaded, decode, encode
from molq.training.config import TrainConfig
from molq.training.loop import Trained
from molq.workflows.compare.accuracy import (
    N_RESAMPLES,
    accuracy,
    accuracy_per_task,
    default_margin,
    statistics_of,
)
from molq.workflows.compare.curves import found_curves, predicted

CARD_METRICS = {"classification": ("roc_auc", "pr_auc"), "regression": ("rmse",)}
"""of the test molecules, that a card states"""
_N_REJECTED = 20
_N_MISSES = 12


class HeldOut(NamedTuple):
    """Executed scores of the molecules that were not trained on, and the metrics of those tested on."""

    valid: NDArray[np.float32]
    """[n_valid, T]"""
    test: NDArray[np.float32]
    """[n_test, T]"""
    metrics: dict[str, Interval]
    """means over tasks, where they are defined; empty without test molecules"""
    per_task: PerTask


def held_out(model: Loaded, labelled: LabelledSet, split: Split) -> HeldOut:
    """Of a trained model, executed as a screen executes it."""
    valid = _scores(model, labelled.subset(split.valid))
    if not len(split.test):
        return HeldOut(valid, np.empty((0, len(labelled.tasks)), np.float32), {}, {})
    tested = labelled.subset(split.test)
    test = _scores(model, tested)
    margin = default_margin(labelled.kind, labelled.labels[split.train])
    measured = accuracy(labelled.kind, tested.labels, Judged(test), margin=margin).metrics
    return HeldOut(
        valid,
        test,
        {name: found for name, found in measured.items() if np.isfinite(found.value)},
        accuracy_per_task(labelled.kind, labelled.tasks, tested.labels, Judged(test)),
    )


def measured_metrics(trained: Trained, labelled: LabelledSet, split: Split) -> dict[str, Any]:
    """``card_section`` of a model that has no card yet, executed from the bytes of its file."""
    model = decode(encode(trained.network, Card("the trained model")), "the trained model")
    return card_section(trained, labelled.kind, held_out(model, labelled, split))


def card_section(trained: Trained, kind: str, found: HeldOut) -> dict[str, Any]:
    """The ``metrics`` section of a card: validation metric, and test metrics (means over tasks) with 95% intervals."""
    section: dict[str, Any] = {f"valid_{trained.metric_name}": trained.valid_metric}
    tested = {name: found.metrics[name] for name in CARD_METRICS[kind] if name in found.metrics}
    return section | {f"test_{name}": asdict(interval) for name, interval in tested.items()}


def training_result(
    model: Loaded,
    trained: Trained,
    labelled: LabelledSet,
    split: Split,
    settings: TrainConfig,
    found: HeldOut,
    repeats: Repeats | None = None,
) -> Training:
    """Everything about a training, of the model that is saved."""
    margin = default_margin(labelled.kind, labelled.labels[split.train])
    judged = labelled.tasks, labelled.labels[split.test], found.test
    is_class = labelled.kind == "classification"
    return Training(
        format=1,
        model=_model_section(model),
        dataset=_training_set(labelled, split),
        split=TrainingSplit(
            split.method, split.seed, split.fractions, len(split.train), len(split.valid), len(split.test)
        ),
        settings={name: value for name, value in plain(settings).items() if value is not None},
        metric=trained.metric_name,
        valid_metric=trained.valid_metric,
        curve=tuple(Epoch(**epoch) for epoch in trained.history),
        best_epochs=trained.best_epochs,
        statistics=statistics_of(labelled.kind, margin, N_RESAMPLES, 0) if len(split.test) else None,
        metrics=found.metrics,
        tests=tuple(_task_test(t, labelled, split, found) for t in range(len(labelled.tasks))) if found.metrics else (),
        misses=_misses(labelled, split, found.test),
        curves=found_curves(*judged) if is_class else (),
        predicted=() if is_class else predicted(*judged, 0),
        repeats=repeats,
    )


def _scores(model: Loaded, molecules: LabelledSet) -> NDArray[np.float32]:
    if not len(molecules):
        return np.empty((0, len(molecules.tasks)), np.float32)
    return all_scores(model.network, molecules.graphs, model.card.name)


def _model_section(model: Loaded) -> TrainedSection:
    network = model.network
    return TrainedSection(
        name=model.card.name,
        architecture=network.members[0].config.architecture,
        feature_set=network.members[0].config.feature_set,
        members=len(network.members),
        weights=sum(p.numel() for member in network.members for p in member.parameters()),
        size_bytes=model.size_bytes,
        content_hash=model.content_hash,
    )


def _training_set(labelled: LabelledSet, split: Split) -> LearntMolecules:
    copies = np.bincount(labelled.same, minlength=len(labelled))[labelled.same]
    return LearntMolecules(
        name=labelled.name,
        sha256=labelled.sha256,
        kind=labelled.kind,
        molecules=len(labelled),
        duplicated=int((copies > 1).sum()),
        rejected=len(labelled.rejected),
        rejected_rows=tuple(RejectedRow(*row) for row in labelled.rejected[:_N_REJECTED]),
        notes=labelled.notes,
        tasks=tuple(
            TaskLabels(
                task,
                *(_side(labelled.kind, labelled.labels[rows, t]) for rows in (split.train, split.valid, split.test)),
            )
            for t, task in enumerate(labelled.tasks)
        ),
    )


def _side(kind: str, labels: NDArray[np.float32]) -> SideLabels:
    known = labels[~np.isnan(labels)].astype(np.float64)
    if kind == "classification":
        return SideLabels(len(known), int(known.sum()), None, None)
    return SideLabels(len(known), None, *((float(known.mean()), float(known.std())) if len(known) else (None, None)))


def _task_test(t: int, labelled: LabelledSet, split: Split, found: HeldOut) -> TaskTest:
    labels, scores = labelled.labels[split.test, t], found.test[:, t]
    n = int((~np.isnan(labels)).sum())
    task = labelled.tasks[t]
    metrics = found.per_task[task]
    if labelled.kind == "regression":
        return TaskTest(task, metrics, None, None, n)
    threshold = best_threshold(labelled.labels[split.valid, t], found.valid[:, t])
    chosen = None if threshold is None else Confusion(threshold, *called(labels, scores, threshold))
    at_half = Confusion(USUAL_THRESHOLD, *called(labels, scores, USUAL_THRESHOLD))
    return TaskTest(task, metrics, chosen, at_half, n)


def _misses(labelled: LabelledSet, split: Split, scores: NDArray[np.float32]) -> tuple[Miss, ...]:
    """Predictions of test molecules, those farthest from their labels first."""
    if not len(scores):
        return ()
    errors = np.abs(scores.astype(np.float64) - labelled.labels[split.test])
    if labelled.kind == "regression":
        errors /= np.maximum(np.nanstd(labelled.labels[split.train].astype(np.float64), axis=0), 1e-12)
    order = np.argsort(-np.nan_to_num(errors, nan=-1.0), axis=None, kind="stable")[:_N_MISSES]
    found = []
    for i, t in zip(*np.unravel_index(order, errors.shape), strict=True):
        molecule = split.test[i]
        label = labelled.labels[molecule, t]
        if not np.isnan(label):
            row, smiles = int(labelled.rows[molecule]), labelled.smiles[molecule]
            found.append(Miss(labelled.tasks[t], row, smiles, float(label), float(scores[i, t])))
    return tuple(found)
