"""The molecules that a validation speaks of, as cards: like the library, unlike it, and those that set the ranges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import decimal, short, times
from molq.results.validation import Neighbour, RangeEnd

N_SHOWN = 5
_N_SITES = 4


def neighbour_cards(found: Iterable[Neighbour]) -> list[MoleculeCard]:
    """Each with its similarity to the nearest molecule of the other side."""
    return [card(one.smiles, facts=[("Tanimoto", decimal(one.similarity, 2))]) for one in found]


def range_setters(ends: Sequence[RangeEnd]) -> list[MoleculeCard]:
    """The molecules of the set that give ranges their ends, those of most call sites first."""
    sites: dict[str, list[RangeEnd]] = {}
    for end in ends:
        sites.setdefault(end.chosen_smiles, []).append(end)
    ordered = sorted(sites.items(), key=lambda one: -len(one[1]))[:N_SHOWN]
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
            name=f"{times(end.overshoot)} the range" if end.chosen else "where the set has no range",
            facts=[("call site", end.site), ("reaches", short(end.library)), ("range ends at", short(end.chosen))],
        )
        for smiles, end in list(farthest.items())[:N_SHOWN]
    ]
