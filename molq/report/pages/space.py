"""The best products of a combinatorial space as one self-contained HTML page: what they are, and are made of."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase
from typing import NamedTuple

from markupsafe import Markup

from molq.report.figures.heat_map import heat_map
from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import decimal, signed
from molq.report.pages.page import render
from molq.report.text.space import answer, asked, same, spread, surety
from molq.results.space import ReactionLandscape, SpaceHit, SpaceLandscape, SpaceScreen, SynthonShare

N_SHOWN = 24
"""products that are drawn"""


class _Position(NamedTuple):
    name: str
    cards: list[MoleculeCard]
    others: int


class _Made(NamedTuple):
    """A reaction of the page."""

    id: str
    intro: str
    positions: list[_Position]
    maps: list[tuple[str, Markup]]


def space_page(found: SpaceLandscape) -> str:
    """The page; nothing in it is loaded from elsewhere."""
    screen = found.screen
    return render(
        "space",
        screen=screen,
        heading=answer(screen),
        surety=surety(screen.exactness),
        tiles=list(_tiles(screen)),
        best=[_product(hit, screen) for hit in screen.hits[:N_SHOWN]],
        reactions=[_made(one, found) for one in found.reactions],
        n_drawn=found.n_drawn,
        facts=_facts(found),
    )


def _tiles(screen: SpaceScreen) -> Iterator[tuple[str, str, str]]:
    if screen.hits:
        yield "Best", decimal(_score(screen.hits[0], screen), 3), f"{screen.ranked_by} of rank 1"
    if len(screen.hits) > 1:
        yield (
            "Last",
            decimal(_score(screen.hits[-1], screen), 3),
            f"{screen.ranked_by} of rank {screen.hits[-1].rank:,}",
        )
    if screen.where:
        yield "Among", f"{screen.products:,}", f"products, only those with {' and '.join(screen.where)}"
    else:
        yield "Scored", f"{screen.products:,}", "product" if screen.products == 1 else "products, every one"
    yield "Time", _time(screen.seconds), f"{screen.products_per_s:,.0f} products a second"


def _time(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds < 120 else f"{seconds / 60:,.1f} min"


def _product(hit: SpaceHit, screen: SpaceScreen) -> MoleculeCard:
    made_of = f"{hit.reaction}: {' + '.join(synthon.id for synthon in hit.synthons)}"
    return card(hit.smiles, f"{hit.rank:,}.", decimal(_score(hit, screen), 4), note=made_of)


def _score(hit: SpaceHit, screen: SpaceScreen) -> float:
    return hit.scores[screen.columns.index(screen.ranked_by)]


def _made(one: ReactionLandscape, found: SpaceLandscape) -> _Made:
    names = [[f"{ascii_uppercase[p]}{i}" for i in range(1, len(own) + 1)] for p, own in enumerate(one.synthons)]
    positions = [
        _Position(
            ascii_uppercase[p], [_synthon(s, n, one) for s, n in zip(own, names[p], strict=True)], one.n_others[p]
        )
        for p, own in enumerate(one.synthons)
    ]
    maps = []
    for pair in one.maps:
        p, q = pair.positions
        title = f"{ascii_uppercase[p]} with {ascii_uppercase[q]}"
        maps.append((title, heat_map(pair.means, names[p], names[q], title, lowest=found.screen.lowest)))
    n = len(found.screen.hits)
    intro = f"{one.n_best:,} of the best {n:,} {'is' if one.n_best == 1 else 'are'} of this reaction."
    if one.mean is not None:
        intro += f" Its products score {decimal(one.mean, 3)} on average, as far as drawn at random."
    return _Made(one.id, intro, positions, maps)


def _synthon(one: SynthonShare, name: str, of: ReactionLandscape) -> MoleculeCard:
    often = "once" if one.n_best == 1 else f"{one.n_best:,} times"
    facts = [("in the best", often), ("best rank", f"{one.best_rank:,}")]
    if one.mean is not None:
        facts.append(("mean score", decimal(one.mean, 3)))
        if of.mean is not None:
            facts.append(("mean effect", signed(one.mean - of.mean, 3)))
    return card(one.smiles, f"{name} · {one.id}", "", facts)


def _facts(found: SpaceLandscape) -> list[tuple[str, str]]:
    screen = found.screen
    exactness = screen.exactness
    refused = sum(screen.refused.values())
    return [
        ("Space", screen.source),
        ("Model", screen.model),
        ("Ranked by", f"{screen.ranked_by}, {'lowest' if screen.lowest else 'highest'} first"),
        ("Only with", asked(screen)),
        ("Diverse", spread(screen) if screen.diverse_by else ""),
        ("Molecules", same(screen) if screen.n_molecules < len(screen.hits) else ""),
        ("Rescored", f"{screen.rescored:,} products by the engine, whose scores are given"),
        ("Checked", f"{exactness.checked:,} random products scored both ways" if exactness.checked else ""),
        ("Left out", f"{refused:,} products that RDKit refuses" if refused else ""),
        ("Drawn", f"{found.n_drawn:,} random products for the mean of each synthon, seed {found.seed}"),
    ]
