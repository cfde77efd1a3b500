"""A study as text: one row per scheme."""

from __future__ import annotations

from molq.report.numbers import (
    ABSENT,
    METRIC_NAMES,
    decimal,
    interval,
    kilobytes,
    percent,
    seed_phrase,
    signed_interval,
    times,
)
from molq.report.table import Table
from molq.report.terms import METRIC_WORDS, VERDICTS
from molq.report.text.prose import explained, wrapped
from molq.results.study import Study, Variant


def study_text(study: Study) -> str:
    """What each scheme costs and saves, then all metrics, then agreement and speed, within 80 columns; notes below."""
    accuracy, ranking, name = accuracy_table(study), ranking_table(study), METRIC_NAMES[study.statistics.metric]
    others = [METRIC_NAMES[metric] for metric in secondary_metrics(study)]
    answer = accuracy.only("scheme", "size", f"Δ{name} to fp32", "verdict", "speed-up")
    levels = accuracy.only("scheme", name).beside(ranking.only(*others))
    agreement = accuracy.only("scheme", "ratio").beside(ranking.only(*ranking.header[len(others) + 1 :]))
    notes = [*map(wrapped, study_notes(study)), *explained([word for words in study_words(study) for word in words])]
    return "\n\n".join((*(table.to_text() for table in (answer, levels, agreement)), "\n".join(notes)))


def chosen_variant(study: Study) -> Variant:
    """The variant that the report speaks of first: int8, or the smallest file."""
    int8 = next((variant for variant in study.variants if variant.scheme == "int8"), None)
    return int8 or min(study.variants, key=lambda variant: variant.size_bytes)


def accuracy_table(study: Study) -> Table:
    """Size and accuracy of the variants."""
    metric = study.statistics.metric
    name = METRIC_NAMES[metric]
    header = ("scheme", "size", "ratio", name, f"Δ{name} to fp32", "verdict", "speed-up")
    return Table(header, tuple(_accuracy_row(v, metric) for v in study.variants), left=(5,))


def ranking_table(study: Study) -> Table:
    """Secondary metrics, agreement with fp32 on the library, and throughput."""
    others = (METRIC_NAMES[name] for name in secondary_metrics(study))
    header = ("scheme", *others, "hits 1%", "hits 5%", "ρ to fp32", "mol/s")
    return Table(header, tuple(_ranking_row(v, secondary_metrics(study)) for v in study.variants))


def secondary_metrics(study: Study) -> list[str]:
    """The metrics that were measured, without the one that the verdict is about."""
    measured = study.variants[0].accuracy.metrics
    return [name for name in METRIC_NAMES if name in measured and name != study.statistics.metric]


def study_notes(study: Study) -> list[str]:
    """What has to be known to read the tables, a line each."""
    split, calibration, library, statistics = study.split, study.calibration, study.library, study.statistics
    actives = f", {'/'.join(map(str, split.actives))} actives" if split.actives else ""
    margin = f"{statistics.margin:.3g} {METRIC_NAMES[statistics.metric]}"
    notes = [
        f"{study.dataset.name}: {split.n_test:,} test molecules{actives}, {seed_phrase(split.method, split.seed)}; "
        f"{split.n_train:,} trained on.",
        f"Intervals: {percent(statistics.level, 0)}, {statistics.method}, {statistics.n_resamples:,} "
        f"resamples. Margin stated beforehand: {margin}.",
        f"Calibration set: {calibration.size} {calibration.pool}, strategy {calibration.strategy}, "
        f"seed {calibration.seed}.",
        f"Hits and ρ: agreement with fp32 on {library.molecules_used:,} molecules of {library.name}. Speed: "
        f"packed graphs to scores, one thread, every molecule once, the middle half of {study.speed.rounds} rounds.",
    ]
    if not split.held_out:
        notes.append("The model's training molecules are not known: test molecules may be among them.")
    return notes


def study_words(study: Study) -> tuple[list[str], list[str], list[str]]:
    """The words of the verdicts, of the other metrics, and of the agreement with fp32, to be explained below each."""
    found = {variant.accuracy.verdict for variant in study.variants}
    first = METRIC_WORDS.get(study.statistics.metric)
    metrics = [word for metric, word in METRIC_WORDS.items() if metric in secondary_metrics(study)]
    verdicts = [*([first] if first else []), *(word for word in VERDICTS if word in found)]
    return verdicts, metrics, ["hits", "ρ to fp32"]


def _accuracy_row(variant: Variant, metric: str) -> tuple[str, ...]:
    accuracy = variant.accuracy
    is_reference = not accuracy.differences
    return (
        variant.scheme,
        kilobytes(variant.size_bytes),
        decimal(variant.size_ratio),
        interval(accuracy.metrics[metric]),
        "reference" if is_reference else signed_interval(accuracy.differences[metric]),
        accuracy.verdict or ABSENT,
        times(variant.throughput.speedup),
    )


def _ranking_row(variant: Variant, others: list[str]) -> tuple[str, ...]:
    return (
        variant.scheme,
        *(decimal(variant.accuracy.metrics[name].value) for name in others),
        percent(variant.library_agreement.hit_overlap_1pct),
        percent(variant.library_agreement.hit_overlap_5pct),
        decimal(variant.library_agreement.spearman, 5),
        f"{variant.throughput.mols_per_s:,.0f}",
    )
