"""A diagnosis as one self-contained HTML page: every step with its evidence, activations, remedies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from molq.report.figures.molecule import MoleculeCard
from molq.report.figures.sensitivity import activation_histogram, histogram_remark
from molq.report.numbers import (
    METRIC_NAMES,
    decibels,
    decimal,
    kilobytes,
    percent,
    scientific,
    short,
    signed_interval,
    times,
)
from molq.report.pages.changes import change_cards, moved_most
from molq.report.pages.likeness import N_SHOWN, neighbour_cards, scaffold_cards
from molq.report.pages.page import macros, render
from molq.report.pages.ranges import beyond_ranges, ends_seen, outlier_cards
from molq.report.table import Table
from molq.report.text.diagnosis import headline, order_of_remedies, remedies_table, share, verdict
from molq.report.text.sensitivity import outlier_lines, site_name
from molq.report.text.validation import in_words
from molq.results.diagnosis import (
    ClippingEvidence,
    Diagnosis,
    OutlierEvidence,
    OutlierSite,
    Remedy,
    SetEvidence,
    Step,
    TrialEvidence,
)
from molq.results.fidelity import Fidelity
from molq.urls import name_in

_MOST_OF_SET = 15


class StepEvidence(NamedTuple):
    """The evidence of a step, in one of the forms that the page has."""

    facts: list[tuple[str, str]] | None = None
    reasons: list[tuple[str, str, str]] | None = None
    """words, numbers, remedy"""
    table: Table | None = None
    molecules: tuple[tuple[str, list[MoleculeCard]], ...] = ()
    """titles and cards, below the reasons"""


def diagnosis_page(found: Diagnosis) -> str:
    """The page; nothing in it is loaded from elsewhere."""
    return render(
        "diagnosis",
        found=found,
        name=name_in(found.model.path),
        headline=headline(found, name_in(found.model.path)),
        verdict=verdict(found),
        effect=_effect(found),
        tiles=list(_tiles(found)),
        steps=[(step, _evidence(step, found)) for step in found.steps],
        remedies=remedies_table(found) if found.remedies else None,
        order=order_of_remedies(found),
        moved=change_cards(found.changes, found.model.scheme, found.statistics.kind),
        beyond=beyond_ranges(list(ends_seen(found.sites))),
        outlier_molecules=outlier_cards(found.sites),
        outliers=list(outlier_lines(found.sites)),
        histograms=[
            (site_name(site.layer, site.site), histogram_remark(site), activation_histogram(site))
            for site in found.sites
        ],
    )


def _effect(found: Diagnosis) -> str:
    """What became of the scores, in a chemist's words."""
    kept, moved = found.before.agreement.hit_overlap_5pct, moved_most(found.changes)
    said = [] if kept is None else [f"Of the float model’s best 5%, {percent(kept, 0)} are still among the best 5%."]
    return " ".join([*said, *([f"The score that moved most: {moved}."] if moved else [])])


def _tiles(found: Diagnosis) -> Iterator[tuple[str, str, str]]:
    before = found.before
    if before.loss is not None:
        value, _, bounds = signed_interval(before.loss).partition(" ")
        chance = "" if before.is_significant else ": within chance"
        yield f"Loss of {METRIC_NAMES[found.statistics.metric]}", value, f"{bounds} 95%{chance}"
    yield "Signal to noise (SQNR)", decibels(before.sqnr_db, before.logit_mse), "of the logits; 25 dB is healthy"
    kept = before.agreement
    yield "Hits kept, best 5%", percent(kept.hit_overlap_5pct), f"best 1%: {percent(kept.hit_overlap_1pct)}"
    if found.remedies:
        yield "First remedy recovers", share(found.remedies[0].recovered), found.remedies[0].name


def _evidence(step: Step, found: Diagnosis) -> StepEvidence | None:
    match step.evidence:
        case Fidelity():
            return StepEvidence(facts=_drop_facts(step.evidence))
        case SetEvidence(reasons=reasons) if reasons:
            said = [(*in_words(reason), reason.remedy) for reason in reasons]
            return StepEvidence(reasons=said, molecules=tuple(_set_molecules(step.evidence, found)))
        case ClippingEvidence(sites=sites):
            rows = [(site_name(s.layer, s.site), percent(s.beyond, 3), times(s.overshoot or 0.0)) for s in sites]
            return StepEvidence(table=Table(("inputs of", "beyond the range", "largest over the range"), tuple(rows)))
        case OutlierEvidence(sites=sites):
            header = ("inputs of", "largest channel over the median", "outlier channels")
            rows = [(site_name(s.layer, s.site), f"{s.largest_ratio:.1f}×", _channels(s)) for s in sites]
            return StepEvidence(table=Table(header, tuple(rows)))
        case TrialEvidence(recovered=recovered):
            tried = sorted((r for r in found.remedies if r.name in recovered), key=lambda r: -r.recovered)
            return StepEvidence(
                table=Table(("tried", "recovered", "", "layers"), tuple(_bar(r) for r in tried), left=(2,))
            )
    return None


def _set_molecules(evidence: SetEvidence, found: Diagnosis) -> Iterator[tuple[str, list[MoleculeCard]]]:
    name, likeness = found.probe.name, evidence.likeness
    if likeness is not None:
        yield "Molecules of the set", neighbour_cards(likeness.chosen[:_MOST_OF_SET])
        yield f"Molecules of {name} that it is least like", neighbour_cards(likeness.uncovered[:N_SHOWN])
    if evidence.missing:
        yield f"Scaffolds of {name} that it lacks, with their share", scaffold_cards(evidence.missing)


def _drop_facts(before: Fidelity) -> list[tuple[str, str]]:
    kept = before.agreement
    return [
        ("Signal to noise of the logits", decibels(before.sqnr_db, before.logit_mse)),
        ("Mean squared change of a score", scientific(before.score_mse)),
        ("Largest change of a score", "" if kept.max_score_change is None else short(kept.max_score_change)),
        ("Spearman’s correlation with float", "" if kept.spearman is None else decimal(kept.spearman, 4)),
        ("Hits kept, best 1% and 5%", f"{percent(kept.hit_overlap_1pct)}, {percent(kept.hit_overlap_5pct)}"),
        ("Verdict", "" if before.verdict is None else macros().badge(before.verdict)),
    ]


def _channels(site: OutlierSite) -> str:
    named = ", ".join(f"{channel.index} ({channel.ratio:.0f}×)" for channel in site.channels)
    more = site.n_outliers - len(site.channels)
    return f"{named} and {more} more" if more else named or "none"


def _bar(remedy: Remedy) -> tuple[str, ...]:
    return remedy.name, share(remedy.recovered), macros().meter(remedy.recovered), kilobytes(remedy.layer_bytes)
