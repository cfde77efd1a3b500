"""Several saved models on the same labelled molecules."""

from __future__ import annotations

from typing import Any

from molq.results.accuracy import Accuracy, Agreement, PerTask
from molq.results.plain import plain
from molq.results.shown import Result


class LabelledSection(Result, frozen=True):
    """A labelled data set, and those of its molecules that count."""

    name: str
    kind: str
    """classification or regression"""
    tasks: tuple[str, ...]
    molecules: int
    """that count"""
    sha256: str
    """of its file"""
    all_molecules: int
    """of the data set, rejected ones left out"""
    rejected: int
    side: str | None
    """of the models' splits, which the molecules that count lie on; None when all count"""
    unknown: tuple[str, ...]
    """models that do not say whether they were trained on molecules of the data set"""


class Statistics(Result, frozen=True):
    """How intervals and verdicts are made."""

    metric: str
    """that the verdict is about"""
    margin: float
    level: float
    """of the intervals"""
    n_resamples: int
    seed: int
    method: str


class ComparedModel(Result, frozen=True):
    """One model on the molecules that count."""

    path: str
    scheme: str
    size_bytes: int
    accuracy: Accuracy
    agreement: Agreement
    """with the first model"""
    per_task: PerTask


class Comparison(Result, frozen=True):
    """Models on the same molecules, each compared with the first."""

    dataset: LabelledSection
    statistics: Statistics
    models: tuple[ComparedModel, ...]


@plain.register
def _flat(value: ComparedModel) -> dict[str, Any]:
    return {
        "path": value.path,
        "scheme": value.scheme,
        "size_bytes": value.size_bytes,
        **plain(value.accuracy),
        **plain(value.agreement),
        "per_task": plain(value.per_task),
    }
