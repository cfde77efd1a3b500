"""A training with made-up numbers, for tests of what shows it."""

from __future__ import annotations

from typing import Any

import msgspec

from molq.metrics.significance import Interval
from molq.results.comparison import Statistics
from molq.results.curves import FoundCurve, Predicted
from molq.results.training import (
    Confusion,
    Epoch,
    LearntMolecules,
    Miss,
    RejectedRow,
    Repeats,
    SideLabels,
    SplitSpread,
    TaskLabels,
    TaskTest,
    TrainedSection,
    TrainedSplit,
    Training,
    TrainingSplit,
)

HOSTILE = "a<script>alert(1)</script>"


def measured(value: float) -> Interval:
    return Interval(value, value - 0.1, value + 0.1, 30, 0.95)


def make_repeats(*values: float) -> Repeats:
    splits = tuple(TrainedSplit(7 + i, 240, 30, (2,), {"roc_auc": measured(v)}) for i, v in enumerate(values))
    return Repeats(splits, {"roc_auc": SplitSpread(sum(values) / len(values), 0.05, min(values), max(values))})


def make_training(kind: str = "classification", tasks: tuple[str, ...] = (HOSTILE,), **changes: Any) -> Training:
    """30 test molecules of 300; ten of each task are active."""
    is_class = kind == "classification"
    side = SideLabels(30, 10, None, None) if is_class else SideLabels(30, None, 1.5, 0.5)
    names = ("roc_auc", "pr_auc") if is_class else ("rmse", "mae", "r2")
    training = Training(
        format=1,
        model=TrainedSection("toy<b>", "dmpnn", "V2", 2, 8457, 38_276, "sha256:" + "ab" * 32),
        dataset=LearntMolecules(
            name="set<i>",
            sha256="cd" * 32,
            kind=kind,
            molecules=300,
            duplicated=4,
            rejected=25,
            rejected_rows=(RejectedRow(3, "C((<svg>", "unparsable SMILES: <b>"),),
            notes=("a note",),
            tasks=tuple(TaskLabels(task, side, side, side) for task in tasks),
        ),
        split=TrainingSplit("scaffold-balanced", 7, (0.8, 0.1, 0.1), 240, 30, 30),
        settings={"epochs": 2, "batch_size": 64, "n_members": 2},
        metric=names[0],
        valid_metric=0.75,
        curve=tuple(Epoch(m, e, 0.7 - e / 10, 0.72 - e / 10, 0.6 + e / 20, 1e-3) for m in (0, 1) for e in (1, 2)),
        best_epochs=(2, 1),
        statistics=Statistics(names[0], 0.005, 0.95, 2000, 0, "bootstrap over molecules"),
        metrics={name: measured(0.8) for name in names},
        tests=tuple(
            TaskTest(
                name=task,
                metrics=dict.fromkeys(names, 0.8),
                chosen=Confusion(0.311, 8, 2, 3, 17) if is_class else None,
                at_half=Confusion(0.5, 4, 6, 1, 19) if is_class else None,
                n=30,
            )
            for task in tasks
        ),
        misses=(Miss(tasks[0], 12, "c1ccccc1O", 1.0, 0.02), Miss(tasks[0], 40, "no<molecule>", 0.0, 0.9)),
        curves=tuple(FoundCurve(task, (0, 2, 20), (0, 6, 10)) for task in tasks if is_class),
        predicted=tuple(Predicted(task, (0.0, 1.0), (0.1, 1.5), 2) for task in tasks if not is_class),
    )
    return msgspec.structs.replace(training, **changes)
