"""A training as one self-contained HTML page: how well the model does, where it fails, and what it learnt from."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from molq.report.figures import training as drawn
from molq.report.figures.curves import Pairs, Ranking, Rankings, enrichment_curve, parity, roc_curve
from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import METRIC_NAMES, decimal, interval, kilobytes, percent, seed_phrase, short
from molq.report.pages.curves import PANELS_OPEN
from molq.report.pages.page import render
from molq.report.table import Table
from molq.report.terms import METRIC_WORDS
from molq.report.text.training import answers, repeats_words, splits_table, tasks_table, threshold_words
from molq.results.training import Confusion, Miss, Repeats, SideLabels, Training

_SPLITS_DRAWN = 30
Figure = tuple[str, str, Markup]
"""caption, remark and drawing"""


def training_page(training: Training) -> str:
    """The page; nothing in it is loaded from elsewhere."""
    figures = list(_ranking_figures(training))
    single = training.tests[0] if len(training.tests) == 1 else None
    confusion = None if single is None else single.chosen or single.at_half
    return render(
        "training",
        t=training,
        heading=_heading(training),
        answers=list(answers(training)),
        metric=METRIC_NAMES[training.metric],
        tiles=list(_tiles(training)),
        figures=figures[:PANELS_OPEN],
        more_figures=figures[PANELS_OPEN:],
        tasks=tasks_table(training) if len(training.tests) > 1 else None,
        confusion=None if confusion is None else _confusion_table(confusion),
        threshold=None if single is None or confusion is None else threshold_words(single, training.split.n_valid),
        others=_other_metrics(training),
        words=[METRIC_WORDS[name] for name in training.metrics if name in METRIC_WORDS],
        epochs=list(_epoch_figures(training)),
        splits=None if training.repeats is None else _splits_table(training.repeats),
        splits_figure=_splits_figure(training),
        spread=[] if training.repeats is None else list(repeats_words(training)),
        misses=[_miss(miss, training) for miss in training.misses],
        data=_data_facts(training),
        labels=_labels_table(training),
        rejected=_rejected_table(training),
        recipe=_recipe(training),
    )


def _heading(training: Training) -> str:
    found = training.metrics.get("roc_auc")
    if found is not None:
        return f"Puts an active before an inactive {100 * found.value:.0f} times of 100"
    found = training.metrics.get("mae") or training.metrics.get("rmse")
    if training.dataset.kind == "regression" and found is not None:
        return f"Off by {short(found.value)} on average on molecules it never saw"
    return "Trained; how well it does is not known"


def _tiles(training: Training) -> Iterator[tuple[str, str, str]]:
    name = METRIC_NAMES[training.metric]
    tested, split = training.metrics.get(training.metric), training.split
    if tested is not None:
        _, bracket, bounds = interval(tested).partition("[")
        yield f"test {name}", decimal(tested.value), f"{bracket}{bounds}{', ' if bounds else ''}{tested.n:,} molecules"
    if training.repeats is not None and training.metric in training.repeats.spread:
        spread = training.repeats.spread[training.metric]
        detail = f"mean ± standard deviation, {decimal(spread.low)} to {decimal(spread.high)}"
        yield f"over {len(training.repeats.splits)} splits", f"{decimal(spread.mean)} ± {decimal(spread.std)}", detail
    elif training.valid_metric is not None:
        yield (
            f"validation {name}",
            decimal(training.valid_metric),
            f"{split.n_valid:,} molecules, by which the epoch is chosen",
        )
    kept = ", ".join(map(str, training.best_epochs))
    yield "epoch kept", kept, f"of {training.settings.get('epochs', len(training.curve))}"
    yield "trained on", f"{split.n_train:,}", f"of {training.dataset.molecules:,} molecules of {training.dataset.name}"


def _ranking_figures(training: Training) -> Iterator[Figure]:
    aucs = {test.name: test.metrics.get("roc_auc") for test in training.tests}
    for curve in training.curves:
        auc = aucs[curve.task]
        one = Rankings(Ranking(f"the model, AUC {decimal(auc)}", curve))
        counts = f"{curve.actives[-1]:,} actives, {curve.inactives[-1]:,} inactives among the test molecules"
        yield f"ROC curve of {curve.task}", counts, roc_curve(one)
        yield f"Enrichment curve of {curve.task}", counts, enrichment_curve(one)
    for found in training.predicted:
        n = len(found.measured)
        counts = f"{n:,} test molecules" if n == found.of else f"{n:,} of {found.of:,} test molecules, drawn at random"
        yield (
            f"Predicted and measured {found.task}",
            f"{counts}; on the line they are the same",
            parity(Pairs("the model", found), None),
        )


def _epoch_figures(training: Training) -> Iterator[Figure]:
    members = f"; {training.model.members} members, a line each" if training.model.members > 1 else ""
    kind = "cross-entropy" if training.dataset.kind == "classification" else "squared error in standard deviations"
    yield "Loss", f"mean {kind}, lower is better{members}", drawn.losses(training)
    metric = drawn.metric(training)
    if metric is not None:
        better = "higher" if training.dataset.kind == "classification" else "lower"
        yield METRIC_NAMES[training.metric], f"on validation molecules, {better} is better{members}", metric


def _splits_table(repeats: Repeats) -> Table:
    """Without the numbers of test molecules, so that it fits beside the figure."""
    table = splits_table(repeats)
    return table.only(*(name for name in table.header if name != "test molecules"))


def _splits_figure(training: Training) -> Markup | None:
    repeats = training.repeats
    if repeats is None or training.metric not in repeats.spread or len(repeats.splits) > _SPLITS_DRAWN:
        return None
    return drawn.splits(repeats, training.metric)


def _confusion_table(found: Confusion) -> Table:
    """Counts and their shares of the row."""

    def row(name: str, *counts: int) -> tuple[str, ...]:
        n = sum(counts)
        return (f"{n:,} {name}", *(f"{count:,} ({percent(count / n, 0)})" if n else "0" for count in counts))

    return Table(
        (f"from {decimal(found.threshold)} on", "called active", "called inactive"),
        (
            row("active", found.true_positives, found.false_negatives),
            row("inactive", found.false_positives, found.true_negatives),
        ),
    )


def _other_metrics(training: Training) -> Table:
    rows = tuple((METRIC_NAMES[name], interval(found)) for name, found in training.metrics.items())
    return Table(("metric", "on test molecules"), rows)


def _miss(miss: Miss, training: Training) -> MoleculeCard:
    is_class = training.dataset.kind == "classification"
    label = ("inactive", "active")[round(miss.label)] if is_class else short(miss.label)
    task = (("task", miss.task),) if len(training.tests) > 1 else ()
    facts = ((("labelled" if is_class else "measured"), label), *task, ("row", f"{miss.row:,}"))
    return card(miss.smiles, score=f"predicted {decimal(miss.score)}", facts=facts)


def _data_facts(training: Training) -> list[tuple[str, str]]:
    data, split = training.dataset, training.split
    shares = " : ".join(short(share) for share in split.fractions)
    tasks = f"{len(data.tasks)} {data.kind} task{'s' * (len(data.tasks) > 1)}"
    copies = f"{data.duplicated:,} rows hold a molecule that stands in more than one" if data.duplicated else "none"
    return [
        ("Data", f"{data.name}: {data.molecules:,} molecules, {tasks}"),
        ("Split", f"{seed_phrase(split.method, split.seed)}, {shares} for training, validation and test"),
        ("Molecules", f"{split.n_train:,} trained on, {split.n_valid:,} validation, {split.n_test:,} test"),
        ("Not read", f"{data.rejected:,} rows" if data.rejected else "none"),
        ("Duplicates", copies),
        ("Notes", "; ".join(data.notes)),
        ("sha256", data.sha256),
    ]


def _labels_table(training: Training) -> Table:
    is_class = training.dataset.kind == "classification"
    what = "actives of labelled" if is_class else "mean ± standard deviation (labelled)"
    rows = ((t.name, *map(_labels_cell, (t.train, t.valid, t.test))) for t in training.dataset.tasks)
    return Table((f"task: {what}", "training", "validation", "test"), tuple(rows))


def _labels_cell(side: SideLabels) -> str:
    if side.actives is not None:
        return f"{side.actives:,} of {side.labelled:,}"
    if side.mean is None or side.std is None:
        return "–"
    return f"{short(side.mean)} ± {short(side.std)} ({side.labelled:,})"


def _rejected_table(training: Training) -> Table:
    rows = tuple((f"{row.row:,}", row.smiles, row.reason) for row in training.dataset.rejected_rows)
    return Table(("row", "SMILES", "reason"), rows, left=(1, 2))


def _recipe(training: Training) -> list[tuple[str, str]]:
    model, statistics = training.model, training.statistics
    members = f", {model.members} members" if model.members > 1 else ""
    network = f"{model.architecture}{members}, {model.feature_set} features, {model.weights:,} weights"
    names = (name.removeprefix("n_").replace("_", " ") for name in training.settings)
    told = (("no", "yes")[value] if isinstance(value, bool) else value for value in training.settings.values())
    settings = (f"{name} {value}" for name, value in zip(names, told, strict=True))
    facts = [
        ("Model", f"{model.name}: {network}"),
        ("File", f"{kilobytes(model.size_bytes)}, {model.content_hash}"),
        ("Settings", ", ".join(settings)),
    ]
    if statistics is not None:
        level, n = percent(statistics.level, 0), statistics.n_resamples
        facts.append(("Intervals", f"{level}, bootstrap over molecules, {n:,} resamples"))
    return facts
