"""The validation of a calibration set as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from molq.report.numbers import decimal, percent
from molq.report.table import Table
from molq.report.text.property_words import property_words
from molq.report.text.prose import explained, wrapped
from molq.results.diagnosis import SetReason
from molq.results.units import with_unit
from molq.results.validation import JudgingModel, Measure, Reason, Validation

SITE_COLUMNS = {
    "beyond_range": "beyond the range",
    "quantile_ratio": "99.9% quantile ratio",
    "sqnr": "SQNR",
    "silent_channels": "silent channels",
}
"""kinds of statistics of call sites, as columns of a table"""
SITES_SHOWN = 12
_REASONS_SHOWN = 5
_UNSEEN = ("mmd_tanimoto", "classifier_auc")
"""statistics that no property stands for"""
_WASSERSTEIN = "Wasserstein distance of "


def validation_text(validation: Validation) -> str:
    """The verdict, reasons and remedies; then the statistics beside their null, in tables within 80 columns."""
    parts = ["\n".join(_verdict(validation)), measures_table(validation).to_text()]
    if validation.model is not None:
        parts.append("\n".join(_activations(validation, validation.model)))
    return "\n\n".join(parts)


def answer(validation: Validation) -> str:
    """The verdict as a sentence."""
    return {
        "representative": "This calibration set represents the library",
        "marginal": "This calibration set may not represent the library",
        "not representative": "This calibration set does not represent the library",
    }[validation.verdict]


def evidence(validation: Validation) -> Iterator[str]:
    """What the verdict rests on, a sentence each."""
    v = validation
    n_worse = round(v.p_value * (v.draws + 1)) - 1
    yield (
        f"{n_worse} of {v.draws} random draws of {v.draw_size} library molecules lie as far from the library as this "
        f"set (p = {v.p_value:.3f})."
    )
    if v.set_rejected:
        yield f"{v.set_rejected} of the {v.set_molecules} rows of the set do not parse and were left out."
    size = v.set_molecules - v.set_rejected
    if v.draw_size < size:
        yield (
            f"The library is too small for draws of {size}; smaller ones lie farther from it, so lesser faults of the "
            "set go unseen."
        )
    if v.model is not None:
        yield from _by_group(v)


def in_short(validation: Validation) -> str | None:
    """What is wrong first of all, of what a chemist can see; None for a faultless set."""
    visible = (reason for reason in validation.reasons if reason.statistic not in _UNSEEN)
    first = next(visible, next(iter(validation.reasons), None))
    return None if first is None else in_words(first)[0]


def unseen(validation: Validation) -> Iterator[str]:
    """What the verdict cannot rule out in a set of this size, a sentence each; nothing where the set has failed."""
    spot = validation.blind_spot
    if spot is None or validation.verdict == "not representative":
        return
    tried = min(max(spot.size, spot.least_size), spot.largest_size)
    low, high = (percent(share, 0) for share in (spot.foreign_low, spot.foreign_high))
    yield (
        f"A set of {tried:,} can hide up to about {high}{' or more' if spot.is_lower_bound else ''} of molecules from "
        f"another library: shares below that ({low} where the libraries differ most) were found in fewer than half of "
        "the trials."
    )
    fewest, most = (percent(share, 0) for share in (spot.heaviest_found_low, spot.heaviest_found_high))
    yield f"Of sets that lacked the heaviest tenth of the library, {fewest} to {most} were found, by library."
    if spot.size != tried:
        yield f"This set has {spot.size:,}: {'it can hide more' if spot.size < tried else 'it hides less'}."
    yield (
        f"Measured with {', '.join(spot.libraries)}, {spot.trials} sets of each kind; other libraries may differ "
        "(docs/validation.md)."
    )


def in_words(reason: Reason | SetReason) -> tuple[str, str]:
    """What is wrong in a chemist's words, and the numbers behind it."""
    numbers, _, words = reason.finding.partition("; ")
    if reason.statistic.startswith("wasserstein_"):
        words = property_words(numbers.partition(":")[0].removeprefix(_WASSERSTEIN), words)
    return (words, numbers) if words else (numbers, "")


def measures_table(validation: Validation) -> Table:
    """Every statistic but those of call sites, beside random draws."""
    rows = [
        (m.name, shown(m.value, m.unit), draws_range(m), worse(m), f"{m.p_value:.3f}")
        for m in validation.measures
        if m.group != "activations"
    ]
    return Table(("statistic", "set", "random draws (5–95%)", "SD worse", "p"), tuple(rows))


def sites_by_badness(validation: Validation) -> dict[str, dict[str, Measure]]:
    """Call site → kind of statistic → measure, the site with the worst of them first."""
    sites: dict[str, dict[str, Measure]] = {}
    for measure in validation.measures:
        if measure.group == "activations" and measure.kind is not None:
            sites.setdefault(measure.name.partition("@")[2], {})[measure.kind] = measure
    return dict(sorted(sites.items(), key=lambda site: -max(m.z for m in site[1].values())))


def site_cell(m: Measure) -> str:
    """``0.21% [0.1% to 0.3%]``: the set's value and the middle 90% of random draws."""
    plain = "%" if m.unit == "%" else ""
    return f"{shown(m.value, m.unit)} [{shown(m.null_low, plain)} to {shown(m.null_high, plain)}]"


def shown(value: float, unit: str) -> str:
    """Three digits and the unit, with a true minus sign."""
    return with_unit(value, unit).replace("-", "−")


def worse(m: Measure) -> str:
    """Standard deviations on the bad side; no minus before zero."""
    return decimal(round(m.z, 1) + 0.0, 1)


def draws_range(m: Measure) -> str:
    """The middle 90% of random draws."""
    return f"{shown(m.null_low, m.unit)} to {shown(m.null_high, m.unit)}"


def _by_group(v: Validation) -> Iterator[str]:
    """What each group of statistics says by itself."""
    worst: dict[str, float] = {}
    for m in v.measures:
        worst[m.group] = max(worst.get(m.group, m.z), m.z)
    yield f"Worst SD by group: {', '.join(f'{group} {z:.1f}' for group, z in worst.items())}."
    at_fault = {reason.statistic for reason in v.reasons}
    if {m.group for m in v.measures if m.name in at_fault} == {"chemistry"}:
        yield "For this model, activations and scores alone do not tell the set from a random draw."


def _activations(validation: Validation, model: JudgingModel) -> Iterator[str]:
    sites = sites_by_badness(validation)
    rows = [(name, *(site_cell(measures[kind]) for kind in SITE_COLUMNS)) for name, measures in sites.items()]
    yield wrapped(
        f"Activations of {model.library_gathered:,} library molecules in {model.path} against the ranges of the set "
        "[random draws, 5–95%]; the worst call site first:"
    )
    yield Table(("call site", *SITE_COLUMNS.values()), tuple(rows[:SITES_SHOWN])).to_text()
    if len(rows) > SITES_SHOWN:
        yield f"and {len(rows) - SITES_SHOWN} more call sites that fare better"
    yield from explained(("call site", *SITE_COLUMNS.values()))


def _verdict(v: Validation) -> Iterator[str]:
    yield f"{v.verdict} (p = {v.p_value:.3f}, {v.draws} random draws of {v.draw_size})"
    yield from (wrapped(sentence) for sentence in evidence(v))
    yield from (wrapped(sentence, "not seen: " if i == 0 else " " * 10) for i, sentence in enumerate(unseen(v)))
    for reason in v.reasons[:_REASONS_SHOWN]:
        words, numbers = in_words(reason)
        yield wrapped(words, "- ")
        if numbers:
            yield wrapped(numbers, "  ")
        yield wrapped(reason.remedy, "  → ")
    if len(v.reasons) > _REASONS_SHOWN:
        yield f"and {len(v.reasons) - _REASONS_SHOWN} more reasons; the page and the JSON have them all"
