"""What a training came to, as text: how well the model does, where it fails, and how much the split decides."""

from __future__ import annotations

from collections.abc import Iterator

from molq.report.numbers import METRIC_NAMES, decimal, interval, short
from molq.report.table import Table
from molq.report.text.prose import wrapped
from molq.results.training import Confusion, Repeats, TaskTest, Training

_MISSES_SHOWN = 5
_SMILES_SHOWN = 40
_UNKNOWN = "how well the model does is not known"


def training_text(training: Training) -> str:
    """Within 80 columns: the answer, classes at a threshold, the worst predictions, other splits."""
    parts = ["\n".join(map(wrapped, answers(training)))]
    if len(training.tests) > 1:
        parts.append(tasks_table(training).to_text())
    if training.misses:
        parts.append("the predictions farthest from their labels\n" + misses_table(training).to_text())
    if training.repeats is not None:
        parts.append(splits_table(training.repeats).to_text())
        parts.append("\n".join(map(wrapped, repeats_words(training))))
    return "\n\n".join(parts)


def answers(training: Training) -> Iterator[str]:
    """How well the model does, a sentence each."""
    if not training.metrics:
        if any(task.test.labelled for task in training.dataset.tasks) and training.dataset.kind == "classification":
            yield f"The test molecules hold one class alone: {_UNKNOWN}."
        else:
            yield f"No test molecule has a label that could be held against the model: {_UNKNOWN}."
        return
    yield _regression(training) if training.dataset.kind == "regression" else _classification(training)
    if len(training.tests) == 1 and training.tests[0].at_half is not None:
        yield threshold_words(training.tests[0], training.split.n_valid)


def threshold_words(test: TaskTest, n_valid: int) -> str:
    """Whom the model calls active, where the threshold comes from, and what 0.5 would do."""
    assert test.at_half is not None
    if test.chosen is None:
        return (
            f"{_calls(test.at_half)} The validation molecules hold one class alone, so the threshold is the usual 0.5."
        )
    half = test.at_half
    return (
        f"{_calls(test.chosen)} The threshold is the one of the best balanced accuracy on the {n_valid:,} validation "
        f"molecules, which took no part in the test; at 0.5 it would find {half.true_positives:,} and clear "
        f"{half.true_negatives:,}."
    )


def tasks_table(training: Training) -> Table:
    """A row per task: its metrics on the test molecules and, of classes, whom it calls active."""
    names = list(dict.fromkeys(name for test in training.tests for name in test.metrics))[:2]
    header = ("task", "n", *(METRIC_NAMES[name] for name in names))
    rows = tuple(
        (test.name, f"{test.n:,}", *(decimal(test.metrics[name]) for name in names)) for test in training.tests
    )
    table = Table(header, rows)
    if training.dataset.kind == "regression":
        return table
    called = tuple(_called_cells(test.chosen or test.at_half) for test in training.tests)
    return table.beside(Table(("threshold", "actives found", "inactives cleared"), called))


def misses_table(training: Training, most: int = _MISSES_SHOWN) -> Table:
    """The worst predictions; of several tasks with the task."""
    several = len(training.tests) > 1
    header = ("molecule", *(("task",) if several else ()), "label", "predicted", "row")
    rows = (
        (_cut(m.smiles), *((m.task,) if several else ()), short(m.label), decimal(m.score), f"{m.row:,}")
        for m in training.misses[:most]
    )
    return Table(header, tuple(rows), left=(1,) if several else ())


def splits_table(repeats: Repeats) -> Table:
    """A row per split, the first that of the model, then mean and standard deviation."""
    names = list(repeats.spread)[:2]
    rows = [
        (
            f"{split.seed} (the model’s)" if split is repeats.splits[0] else str(split.seed),
            f"{split.n_test:,}",
            *(interval(split.metrics.get(name)) for name in names),
        )
        for split in repeats.splits
    ]
    rows.append(("mean", "", *(decimal(repeats.spread[name].mean) for name in names)))
    rows.append(("standard deviation", "", *(decimal(repeats.spread[name].std) for name in names)))
    return Table(("split seed", "test molecules", *(METRIC_NAMES[name] for name in names)), tuple(rows))


def repeats_words(training: Training) -> Iterator[str]:
    """What the spread over splits says, and what it does not."""
    repeats, metric = training.repeats, training.metric
    assert repeats is not None
    if metric in repeats.spread and metric in training.metrics:
        found, own = repeats.spread[metric], training.metrics[metric].value
        yield (
            f"Over {len(repeats.splits)} splits {METRIC_NAMES[metric]} is {decimal(found.mean)} on average, from "
            f"{decimal(found.low)} to {decimal(found.high)}, with a standard deviation of {decimal(found.std)}: for "
            f"other held-out molecules expect that rather than the {decimal(own)} of the model’s own split."
        )
    yield (
        f"The saved model is that of the first split (seed {repeats.splits[0].seed}), as it would be without repeats: "
        "to keep the one that looks best would be to choose by the luck of its test molecules."
    )
    yield (
        "The spread says how much the figure depends on which molecules are held out, and on chance in training. The "
        "splits share most of their molecules, so it is no interval of the mean; and it says nothing of other series "
        "or targets."
    )


def _classification(training: Training) -> str:
    found = training.metrics.get("roc_auc")
    if found is None:
        return f"The test molecules hold one class alone: {_UNKNOWN}."
    tasks = f", on average over {len(training.tests)} tasks" if len(training.tests) > 1 else ""
    return (
        f"Of an active and an inactive test molecule, the model puts the active first {100 * found.value:.0f} times of "
        f"100{tasks} (ROC-AUC {interval(found)}, {found.n:,} molecules it never saw; 50 of 100 is guessing)."
    )


def _regression(training: Training) -> str:
    rmse, mae, r2 = (training.metrics.get(name) for name in ("rmse", "mae", "r2"))
    assert rmse is not None
    tasks = f", on average over {len(training.tests)} tasks" if len(training.tests) > 1 else ""
    off = "" if mae is None else f"Predictions are off by {short(mae.value)} on average{tasks}: "
    against = "" if r2 is None else f"; R² {decimal(r2.value)}, where 1 is perfect and 0 is always saying the mean"
    return f"{off}RMSE {interval(rmse)}, on {rmse.n:,} test molecules it never saw{against}."


def _calls(found: Confusion) -> str:
    return (
        f"Called active from {decimal(found.threshold)} on, it finds {found.true_positives:,} of {found.n_actives:,} "
        f"actives and clears {found.true_negatives:,} of {found.n_inactives:,} inactives."
    )


def _called_cells(found: Confusion | None) -> tuple[str, ...]:
    if found is None:
        return ("–", "–", "–")
    return (
        decimal(found.threshold),
        f"{found.true_positives:,} of {found.n_actives:,}",
        f"{found.true_negatives:,} of {found.n_inactives:,}",
    )


def _cut(smiles: str) -> str:
    return smiles if len(smiles) <= _SMILES_SHOWN else f"{smiles[: _SMILES_SHOWN - 1]}…"
