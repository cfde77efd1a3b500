"""Molecules at the ends of activation ranges, as cards: those that set one, and those that overstep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import apart, short, times
from molq.report.text.sensitivity import site_name
from molq.results.sensitivity import SiteActivations
from molq.results.validation import RangeEnd

_N_SHOWN = 5
_N_SITES = 4
_JUST = 1.005
"""below which as many digits as are shown say 1.00"""


def range_setters(ends: Sequence[RangeEnd]) -> list[MoleculeCard]:
    """The molecules of the set that give ranges their ends, those of most call sites first."""
    sites: dict[str, list[RangeEnd]] = {}
    for end in ends:
        sites.setdefault(end.chosen_smiles, []).append(end)
    ordered = sorted(sites.items(), key=lambda one: -len(one[1]))[:_N_SHOWN]
    return [
        card(
            smiles,
            name=f"{len(mine)} of {len(ends)} ranges",
            facts=[(end.site, short(end.chosen)) for end in mine[:_N_SITES]],
            note=f"and {len(mine) - _N_SITES} more" if len(mine) > _N_SITES else "",
        )
        for smiles, mine in ordered
    ]


def beyond_ranges(ends: Sequence[RangeEnd]) -> list[MoleculeCard]:
    """The molecules of the library that overstep a range, each where it does so farthest, the farthest first."""
    farthest: dict[str, RangeEnd] = {}
    for end in sorted(ends, key=lambda end: -end.overshoot):
        if end.overshoot > 1:
            farthest.setdefault(end.library_smiles, end)
    return [
        card(
            smiles,
            name=_overstepped(end),
            facts=list(zip(("reaches", "range ends at"), apart(end.library, end.chosen), strict=True)),
            note=f"into {end.site}",
        )
        for smiles, end in list(farthest.items())[:_N_SHOWN]
    ]


def _overstepped(end: RangeEnd) -> str:
    if not end.chosen:
        return "where the set has no range"
    return "just beyond the range" if end.overshoot < _JUST else f"{times(end.overshoot)} the range"


def ends_seen(sites: Iterable[SiteActivations]) -> Iterator[RangeEnd]:
    """Of every call site the end that is seen farthest from 0, and beside it the range that the codes cover there."""
    for site in sites:
        is_up = site.high >= -site.low
        by, reached = (site.high_by, site.high) if is_up else (site.low_by, site.low)
        if by is not None:
            covered = reached if site.range is None else site.range[is_up]
            yield RangeEnd(site_name(site.layer, site.site), covered, by, reached, by)


def outlier_cards(sites: Iterable[SiteActivations]) -> list[MoleculeCard]:
    """The molecules that send the largest values into outlier channels, the farthest outlier first."""
    found = [(site, channel) for site in sites for channel in site.outliers if channel.by is not None]
    found.sort(key=lambda one: -one[1].ratio)
    return [
        card(
            channel.by or "",
            name=f"{channel.ratio:.0f}× the median",
            facts=[("channel", str(channel.index)), ("into", site_name(site.layer, site.site))],
        )
        for site, channel in found[:_N_SHOWN]
    ]
