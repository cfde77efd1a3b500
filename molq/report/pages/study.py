"""The report of a study as one self-contained HTML page."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from molq.report.figures.molecule import MoleculeCard
from molq.report.figures.study import accuracy_versus_size, differences_to_fp32, speed
from molq.report.numbers import METRIC_NAMES, decimal, interval, percent, seed_phrase, signed_interval
from molq.report.pages.changes import change_cards
from molq.report.pages.curves import PANELS_OPEN, curve_panels
from molq.report.pages.layers import layers_table
from molq.report.pages.page import render
from molq.report.pages.study_answer import best_count, hits_kept, judged, study_heading
from molq.report.table import Table
from molq.report.text.study import accuracy_table, chosen_variant, secondary_metrics, study_words
from molq.results.accuracy import Agreement
from molq.results.study import ModelSection, Study, Variant

_ARCHITECTURES = {"dmpnn": "D-MPNN", "ampnn": "AMPNN", "gine": "GINE", "attentivefp": "AttentiveFP"}
_COVERAGES = {
    "scaffold": "Bemis–Murcko scaffolds",
    "generic_scaffold": "generic scaffolds",
    "element": "elements",
}
_FILES = {
    "results.json": "everything on this page",
    "results.csv": "one row per scheme",
    "scores.csv": "labels and scores of every test molecule",
    "calibset.csv": "the calibration set",
    "models/*.molq": "the files that were measured",
}


def study_page(study: Study) -> str:
    """The page; nothing in it is loaded from elsewhere."""
    chosen, metric = chosen_variant(study), study.statistics.metric
    curves = curve_panels(study, chosen)
    answer, change = judged(study, chosen)
    verdict_words, metric_words, agreement_words = study_words(study)
    return render(
        "study",
        study=study,
        chosen=chosen,
        reference=study.variants[0],
        metric=METRIC_NAMES[metric],
        level=percent(study.statistics.level, 0),
        title=study_heading(study, chosen),
        hits_kept=hits_kept(study, chosen),
        answer=answer,
        change=change,
        architecture=_ARCHITECTURES.get(study.model.architecture, study.model.architecture),
        figures=_figures(study),
        moved=_moved(study, chosen),
        others_moved=[(v.scheme, _moved(study, v)) for v in study.variants[1:] if v is not chosen],
        curves=curves[:PANELS_OPEN],
        more_curves=curves[PANELS_OPEN:],
        accuracy=_accuracy_with_pace(study),
        secondary=_secondary_table(study),
        verdict_words=verdict_words,
        metric_words=metric_words,
        agreement_words=agreement_words,
        agreement=_agreement_table(study.variants),
        n_best=best_count(study),
        coverage=[
            (label, study.calibration.coverage[name])
            for name, label in _COVERAGES.items()
            if name in study.calibration.coverage
        ],
        layers=layers_table(chosen.layers),
        other_layers=[(v.scheme, layers_table(v.layers)) for v in study.variants if v.scheme != chosen.scheme],
        seed=seed_phrase(study.split.method, study.split.seed),
        origin=_origin(study.model),
        files=_FILES,
    )


def _figures(study: Study) -> list[tuple[str, str, Markup]]:
    """Caption, remark and drawing of each."""
    name, level = METRIC_NAMES[study.statistics.metric], percent(study.statistics.level, 0)
    size = f"{level} intervals, {study.split.n_labelled:,} test molecules"
    found = []
    if not math.isnan(study.variants[0].accuracy.metrics[study.statistics.metric].value):
        found.append((f"{name} and file size", size, accuracy_versus_size(study)))
    if any(v.accuracy.verdict for v in study.variants):
        remark = f"same molecules, {level} intervals; shaded: beyond the margin"
        found.append((f"Difference in {name} to fp32", remark, differences_to_fp32(study)))
    remark = f"{study.speed.molecules:,} molecules, one thread; lines: single rounds"
    return [*found, ("Speed", remark, speed(study))]


def _moved(study: Study, variant: Variant) -> list[tuple[str, list[MoleculeCard]]]:
    """The molecules that a scheme moves farthest, in the library and in the test set."""
    kind, n_columns = study.dataset.kind, len(variant.per_task)
    return [
        (where, change_cards(changes, variant.scheme, kind, n_columns=n_columns))
        for where, changes in (
            (f"Among {study.library.molecules_used:,} molecules of {study.library.name}", variant.library_changes),
            (f"Among {study.split.n_test:,} test molecules", variant.changes),
        )
        if changes
    ]


def _accuracy_with_pace(study: Study) -> Table:
    """The table of accuracy, molecules per second before the ratio that they make."""
    table = accuracy_table(study)
    pace = Table(("mol/s",), tuple((f"{v.throughput.mols_per_s:,.0f}",) for v in study.variants))
    return table.only(*table.header[:-1]).beside(pace).beside(table.only("speed-up"))


def _secondary_table(study: Study) -> Table:
    names = secondary_metrics(study)
    header = ("scheme", *(cell for name in names for cell in (METRIC_NAMES[name], "Δ to fp32")))
    return Table(header, tuple((v.scheme, *_secondary_cells(v, names)) for v in study.variants))


def _secondary_cells(variant: Variant, names: Iterable[str]) -> Iterable[str]:
    for name in names:
        yield interval(variant.accuracy.metrics[name])
        yield signed_interval(variant.accuracy.differences.get(name), 3)


def _agreement_table(variants: Iterable[Variant]) -> Table:
    header = ["scheme"]
    for where in ("library", "test"):
        header += [f"hits 1% ({where})", f"hits 5% ({where})", f"ρ to fp32 ({where})", f"largest change ({where})"]
    rows = tuple((v.scheme, *_agreement(v.library_agreement), *_agreement(v.agreement)) for v in variants)
    return Table(tuple(header), rows)


def _agreement(found: Agreement) -> tuple[str, ...]:
    return (
        percent(found.hit_overlap_1pct),
        percent(found.hit_overlap_5pct),
        decimal(found.spearman, 5),
        decimal(found.max_score_change, 4),
    )


def _origin(model: ModelSection) -> str:
    if model.trained_here:
        return f"trained here, best epoch {', '.join(map(str, model.best_epochs or ()))} of {model.epochs}"
    return f"{model.file}, {model.content_hash}"
