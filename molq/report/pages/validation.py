"""The validation of a calibration set as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator

from molq.report.figures.validation import histogram, strip
from molq.report.numbers import percent
from molq.report.pages.likeness import N_SHOWN, neighbour_cards, scaffold_cards
from molq.report.pages.page import macros, render
from molq.report.pages.ranges import beyond_ranges, range_setters
from molq.report.table import Table
from molq.report.text.validation import (
    SITE_COLUMNS,
    SITES_SHOWN,
    answer,
    draws_range,
    evidence,
    in_short,
    in_words,
    shown,
    site_cell,
    sites_by_badness,
    unseen,
    worse,
)
from molq.results.validation import Measure, Validation

_REASONS_SHOWN = 6


def validation_page(validation: Validation) -> str:
    """The page; nothing in it is loaded from elsewhere."""
    sites, likeness = _sites(validation), validation.likeness
    chosen = likeness.chosen if likeness else ()
    return render(
        "validation",
        v=validation,
        answer=answer(validation),
        counts=_counts(validation),
        in_short=in_short(validation),
        evidence=list(evidence(validation)),
        reasons=[(*in_words(reason), reason.remedy) for reason in validation.reasons],
        n_shown=_REASONS_SHOWN,
        chemistry=_measures(validation, "chemistry"),
        sites=Table(sites.header, sites.rows[:SITES_SHOWN]),
        more_sites=Table(sites.header, sites.rows[SITES_SHOWN:]),
        site_words=("call site", *SITE_COLUMNS.values()),
        outcome=_measures(validation, "outcome"),
        histograms=[(found.label, histogram(found)) for found in validation.histograms],
        missing=[("Elements", validation.missing.elements), ("Atomic charges", validation.missing.charges)],
        scaffolds=scaffold_cards(validation.missing.scaffolds),
        most_like=neighbour_cards(chosen[:N_SHOWN]),
        least_like=neighbour_cards(chosen[N_SHOWN:][-N_SHOWN:][::-1]),
        between=neighbour_cards(chosen[N_SHOWN:-N_SHOWN]),
        uncovered=neighbour_cards(likeness.uncovered[:N_SHOWN] if likeness else ()),
        setters=range_setters(validation.ends),
        beyond=beyond_ranges(validation.ends),
        hidden=list(unseen(validation)),
        unseen=_unseen_share(validation),
    )


def _counts(v: Validation) -> list[tuple[str, str]]:
    rejected = f"; {v.set_rejected:,} of them do not parse" if v.set_rejected else ""
    n_drawn = v.library_used + v.library_rejected
    drawn = f"; a seeded draw of {n_drawn:,} was looked at" if n_drawn < v.library_molecules else ""
    bad = f"; {v.library_rejected:,} of them do not parse" if v.library_rejected else ""
    return [
        ("Calibration set", f"{v.calibset}: {v.set_molecules:,} molecules{rejected}"),
        ("Library", f"{v.library}: {v.library_molecules:,} rows{drawn}{bad}"),
        ("Seed", str(v.seed)),
    ]


def _faults(v: Validation) -> set[str]:
    """Names of all statistics that count against the set."""
    return {name for reason in v.reasons for name in (reason.statistic, *reason.also)}


def _measures(v: Validation, group: str) -> Table:
    faults = _faults(v)
    mine = [m for m in v.measures if m.group == group]
    table = Table(
        ("statistic", "set", "random draws (5–95%)", "better → worse", "SD worse", "p"),
        tuple(tuple(_measure_cells(m, m.name in faults)) for m in mine),
        left=(3,),
    )
    if all(m.permutation_p is None for m in mine):
        return table
    permuted = tuple(("" if m.permutation_p is None else f"{m.permutation_p:.3f}",) for m in mine)
    return table.beside(Table(("permutation p",), permuted))


def _measure_cells(m: Measure, is_fault: bool) -> Iterator[str]:
    value = shown(m.value, m.unit)
    yield m.label
    yield macros().fault(value) if is_fault else value
    yield draws_range(m)
    yield strip(m, is_fault)
    yield worse(m)
    yield f"{m.p_value:.3f}"


def _sites(v: Validation) -> Table:
    faults = _faults(v)
    rows = []
    for name, measures in sites_by_badness(v).items():
        found = [measures[kind] for kind in SITE_COLUMNS]
        cells = (macros().fault(site_cell(m)) if m.name in faults else site_cell(m) for m in found)
        rows.append((macros().code(name), *cells))
    return Table(("call site", *SITE_COLUMNS.values()), tuple(rows))


def _unseen_share(v: Validation) -> str | None:
    """How often a draw from the whole library holds a more extreme molecule than all that were looked at."""
    if v.model is None or v.library_used + v.library_rejected >= v.library_molecules:
        return None
    return percent(v.draw_size / v.library_used)
