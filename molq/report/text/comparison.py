"""A comparison of saved models as text: one row per model."""

from __future__ import annotations

from collections.abc import Iterator

from molq.report.numbers import ABSENT, METRIC_NAMES, interval, kilobytes, percent, signed_interval
from molq.report.table import Table
from molq.report.terms import METRIC_WORDS, VERDICTS
from molq.report.text.prose import explained, wrapped
from molq.results.comparison import Comparison, LabelledSection


def comparison_text(comparison: Comparison) -> str:
    """The tables within 80 columns, then what the words mean."""
    accuracy, others = compared_table(comparison), other_table(comparison)
    several = len(comparison.models) > 1
    tables = [accuracy.only("model", "scheme", "size", *accuracy.header[3:4])]
    if several:
        tables.append(accuracy.only("model", *accuracy.header[4:]))
    tables += [others] if len(others.header) > 1 else []
    notes = [*map(wrapped, comparison_notes(comparison)), *explained(comparison_words(comparison))]
    return "\n\n".join((*(table.to_text() for table in tables), "\n".join(notes)))


def compared_table(comparison: Comparison) -> Table:
    """Size and first metric of each model and, with several, its difference to the first model's."""
    metric = comparison.statistics.metric
    name = METRIC_NAMES[metric]
    rows = tuple(
        (m.path, m.scheme, kilobytes(m.size_bytes), interval(m.accuracy.metrics[metric])) for m in comparison.models
    )
    table = Table(("model", "scheme", "size", name), rows)
    if len(rows) == 1:
        return table
    compared = tuple(
        (signed_interval(m.accuracy.differences[metric]), m.accuracy.verdict or ABSENT) for m in comparison.models[1:]
    )
    differences = Table((f"Δ{name} to the first", "verdict"), (("reference", ABSENT), *compared), left=(1,))
    return table.beside(differences)


def other_table(comparison: Comparison) -> Table:
    """The other metrics of each model."""
    names = [name for name in _measured(comparison) if name != comparison.statistics.metric]
    rows = tuple((m.path, *(interval(m.accuracy.metrics[name]) for name in names)) for m in comparison.models)
    return Table(("model", *(METRIC_NAMES[name] for name in names)), rows)


def comparison_notes(comparison: Comparison) -> Iterator[str]:
    """Which molecules count, and how intervals and verdicts are made, a line each."""
    yield from counting_notes(comparison.dataset)
    statistics, several = comparison.statistics, len(comparison.models) > 1
    margin = f" Margin: {statistics.margin:.3g} {METRIC_NAMES[statistics.metric]}." if several else ""
    yield (
        f"Intervals: {percent(statistics.level, 0)}, {statistics.method}, {statistics.n_resamples:,} resamples, "
        f"seed {statistics.seed}.{margin}"
    )


def counting_notes(dataset: LabelledSection) -> Iterator[str]:
    """Which molecules count, and what is not known of them, a line each."""
    is_whole = dataset.molecules == dataset.all_molecules
    which = "all" if is_whole else f"{dataset.molecules:,} of {dataset.all_molecules:,}"
    side = f" (the {dataset.side} side of the models’ splits)" if dataset.side and not is_whole else ""
    rejected = f", {dataset.rejected:,} rejected" if dataset.rejected else ""
    yield f"{dataset.name}: {which} molecules count{side}{rejected}."
    if dataset.side is None:
        yield "Molecules that a model was trained on count too."
    for model in dataset.unknown:
        yield f"{model} does not say whether it was trained on molecules of {dataset.name}."


def comparison_words(comparison: Comparison) -> list[str]:
    """The words of the tables that are explained below them."""
    found = {m.accuracy.verdict for m in comparison.models}
    metrics = [word for metric, word in METRIC_WORDS.items() if metric in _measured(comparison)]
    return [*(word for word in VERDICTS if word in found), *metrics]


def _measured(comparison: Comparison) -> list[str]:
    return [name for name in METRIC_NAMES if name in comparison.models[0].accuracy.metrics]
