"""Sheets: parts of a reaction in which every synthon looks the same whatever it is joined to.

RDKit perceives a product as a whole: whether a bond is conjugated or a ring aromatic may depend on the partner.
Synthons that look alike near their connectors are tried with several partners, and those that change their partners in
the same way belong together. A sheet takes one such group of each position; its synthons are perceived in a product
with one partner of each other group. Random products are taken apart to see whether this holds; where it does not, the
partners that showed it are tried as well, with synthons told apart more finely.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.recipe import Recipe
from molq.chem.synthons.tracing import Traced, ports, traced, zone
from molq.progress import SILENT, Progress
from molq.spaces.pieces import Join, Piece, Taken, joins_of, taken_apart
from molq.spaces.space import Reaction

_PROBES = 6
"""partners of each position that synthons are tried with"""
_CONTEXTS = 12
"""combinations of partners"""
_CHECKED = 40
"""random products of a sheet that are taken apart"""
_ROUNDS = 3
_MORE_SPELLINGS = 16
"""partners with which a synthon of many stereo centres is spelled"""
_BATCH = 256

_Choice = tuple[int, ...]
"""a synthon for each position, by its place"""


class Window(NamedTuple):
    """Which products of a sheet are wanted: m numbers of the pieces, added up, lie between ``low`` and ``high`` [m]."""

    columns: tuple[NDArray[np.float32], ...]
    """of each position [pieces, m]"""
    low: NDArray[np.float32]
    high: NDArray[np.float32]


@dataclass(frozen=True)
class Sheet:
    """Pieces of each position; every combination of theirs is a product that RDKit accepts."""

    reaction: Reaction
    joins: tuple[Join, ...]
    bonds: tuple[int, ...]
    """descriptor of the bond of each join"""
    pieces: tuple[tuple[Piece, ...], ...]
    """of each position; a synthon with marks of stereo has several, one for each way they may be spelled"""
    window: Window | None = None
    """None where every product is wanted"""

    @property
    def synthons(self) -> tuple[tuple[int, ...], ...]:
        """Of each position, the places of its synthons."""
        return tuple(tuple(dict.fromkeys(piece.synthon for piece in own)) for own in self.pieces)

    @property
    def n_products(self) -> int:
        return prod(map(len, self.synthons))

    @property
    def n_spellings(self) -> int:
        """Combinations of pieces: what is scored."""
        return prod(map(len, self.pieces))


@dataclass(frozen=True)
class Perceived:
    """The sheets of a reaction; ``refused`` counts products that RDKit refuses, by reason."""

    sheets: tuple[Sheet, ...]
    refused: dict[str, int]
    differing: int
    """of ``checked`` random products, how many do not look as their sheet says"""
    checked: int


def perceive(reaction: Reaction, recipe: Recipe, seed: int = 0, progress: Progress = SILENT) -> Perceived:
    """The sheets of a reaction for networks of that recipe."""
    chance = random.Random(seed)
    products = Products(reaction, recipe)
    groups = _Groups(products)
    best, surprises = _sheets(products, groups, chance, progress)
    for _ in range(_ROUNDS):
        if not surprises:
            break
        groups.learn(surprises)
        found, surprises = _sheets(products, groups, chance, progress)
        if found.differing < best.differing:
            best = found
    return best


class Products:
    """Products of a reaction, taken apart."""

    def __init__(self, reaction: Reaction, recipe: Recipe) -> None:
        self.reaction, self.recipe = reaction, recipe
        self.ports = [[_ports(synthon.smiles) for synthon in synthons] for synthons in reaction.positions]
        usual = [next((found for found in own if found is not None), {}) for own in self.ports]
        self.joins = joins_of(usual)

    def taken(self, choices: Sequence[_Choice]) -> Iterator[Taken | str]:
        """Each product taken apart, or why RDKit refuses it."""
        for start in range(0, len(choices), _BATCH):
            few = choices[start : start + _BATCH]
            found = self.traced(few)
            place = {int(number): at for at, number in enumerate(found.index)}
            for i, choice in enumerate(few):
                one = self.taken_of(found, place[i], choice) if i in place else None
                yield (
                    one
                    if one is not None
                    else found.refused.get(i, "a connector hangs on no single atom of its synthon")
                )

    def traced(self, choices: Sequence[_Choice]) -> Traced:
        positions = self.reaction.positions
        written = [[positions[p][at].smiles for p, at in enumerate(choice)] for choice in choices]
        return traced(written, self.recipe)

    def taken_of(self, found: Traced, at: int, choice: _Choice) -> Taken | None:
        """Product ``at`` of those traced, taken apart; None for one with a connector that hangs on no single atom."""
        begun = [self.ports[p][synthon] for p, synthon in enumerate(choice)]
        known = [one for one in begun if one is not None]
        return taken_apart(found, at, self.joins, known, choice) if len(known) == len(begun) else None


class _Groups:
    """The synthons of each position, grouped by what they make of their partners."""

    def __init__(self, products: Products) -> None:
        self._products = products
        positions = products.reaction.positions
        self._kinds: list[dict[object, list[int]]] = []
        """per position: what a synthon looks like near its connectors → the synthons that do"""
        for synthons in positions:
            kinds: dict[object, list[int]] = {}
            for at, synthon in enumerate(synthons):
                kinds.setdefault(zone(synthon.smiles), []).append(at)
            self._kinds.append(kinds)
        self._probes = [_spread_out(kinds, _PROBES) for kinds in self._kinds]
        self._surprises: list[_Choice] = []

    def learn(self, surprises: Sequence[_Choice]) -> None:
        """Takes products that looked otherwise for contexts, and their synthons for kinds of their own."""
        self._surprises += surprises
        for choice in surprises:
            for kinds, at in zip(self._kinds, choice, strict=True):
                kind = next(name for name, members in kinds.items() if at in members)
                if len(kinds[kind]) > 1:
                    kinds[kind] = [other for other in kinds[kind] if other != at]
                    kinds[("alone", at)] = [at]

    def found(self) -> list[list[list[int]]]:
        """Per position its groups: places of synthons; the first of each kind stands for it."""
        return [self._of_position(position) for position in range(len(self._kinds))]

    def _of_position(self, position: int) -> list[list[int]]:
        contexts = list(self._contexts(position))
        kinds = list(self._kinds[position].values())
        if len(kinds) == 1:
            return kinds
        choices = [_with(context, position, members[0]) for members in kinds for context in contexts]
        seen = list(self._products.taken(choices))
        groups: dict[object, list[int]] = {}
        for i, members in enumerate(kinds):
            own = seen[i * len(contexts) : (i + 1) * len(contexts)]
            profile = tuple(one if isinstance(one, str) else one.around(position) for one in own)
            groups.setdefault(profile, []).extend(members)
        return [sorted(members) for members in groups.values()]

    def _contexts(self, position: int) -> Iterator[_Choice]:
        """Partners of a position, whose own place is 0."""
        others = [probes if at != position else [0] for at, probes in enumerate(self._probes)]
        if prod(map(len, others)) <= _CONTEXTS:
            found = list(itertools.product(*others))
        else:
            turns = range(_CONTEXTS)
            found = [
                tuple(own[(turn + at * (turn // _PROBES)) % len(own)] for at, own in enumerate(others))
                for turn in turns
            ]
        yield from dict.fromkeys((*found, *(_with(choice, position, 0) for choice in self._surprises)))


def _sheets(
    products: Products, groups: _Groups, chance: random.Random, progress: Progress
) -> tuple[Perceived, list[_Choice]]:
    progress.stage("perceive")
    sheets: list[Sheet] = []
    refused: Counter[str] = Counter()
    surprises: list[_Choice] = []
    checked = differing = 0
    chosen = list(itertools.product(*groups.found()))
    for done, members in enumerate(chosen, 1):
        sheet = _sheet(products, members, refused)
        progress.step(done, len(chosen))
        if sheet is None:
            continue
        sheets.append(sheet)
        n, wrong = _check(products, sheet, chance)
        checked, differing = checked + n, differing + len(wrong)
        surprises += wrong[:2]
    return Perceived(tuple(sheets), dict(refused.most_common()), differing, checked), surprises


def _sheet(products: Products, members: Sequence[Sequence[int]], refused: Counter[str]) -> Sheet | None:
    """The sheet of the synthons at these places, None where RDKit refuses all its products; the others are counted."""
    start, reason = _accepted(products, members)
    if start is None:
        refused[reason] += prod(map(len, members))
        return None
    pieces: list[tuple[Piece, ...]] = []
    bonds: tuple[int, ...] = ()
    kept_before = 1
    for position, own in enumerate(members):
        after = prod(map(len, members[position + 1 :]))
        found: list[Piece] = []
        n_kept = 0
        for at, one in zip(own, products.taken([_with(start, position, at) for at in own]), strict=True):
            if isinstance(one, str):
                refused[one] += kept_before * after
                continue
            n_kept += 1
            bonds = one.joins
            found += one.pieces[position].spellings(_more(products, start, members, position, at, one))
        pieces.append(tuple(found))
        kept_before *= n_kept
    return Sheet(products.reaction, products.joins, bonds, tuple(pieces))


def _more(
    products: Products, start: _Choice, members: Sequence[Sequence[int]], position: int, at: int, one: Taken
) -> list[Piece]:
    """The piece beside other partners, where it has too many stereo centres for every spelling to be made."""
    if len(one.pieces[position].spellings(())) > 1 or not _is_stereo(one.pieces[position]):
        return []
    chance = random.Random(at)
    choices = [_with(tuple(map(chance.choice, members)), position, at) for _ in range(_MORE_SPELLINGS)]
    taken = [other for other in products.taken(choices) if not isinstance(other, str)]
    content = one.pieces[position].content
    return [other.pieces[position] for other in taken if other.pieces[position].content == content]


def _is_stereo(piece: Piece) -> bool:
    return any(piece.spelling)


def _accepted(products: Products, members: Sequence[Sequence[int]]) -> tuple[_Choice | None, str]:
    """A product of these synthons that RDKit accepts, or why it accepts none of those tried."""
    turns = range(max(map(len, members)))
    tried = list(dict.fromkeys(tuple(own[turn % len(own)] for own in members) for turn in turns))[:_CHECKED]
    reason = ""
    for choice, one in zip(tried, products.taken(tried), strict=True):
        if not isinstance(one, str):
            return choice, ""
        reason = one
    return None, reason


def _check(products: Products, sheet: Sheet, chance: random.Random) -> tuple[int, list[_Choice]]:
    """How many random products of a sheet were taken apart, and those that do not look as it says."""
    if not sheet.n_products:
        return 0, []
    looks = [{piece.synthon: piece.content for piece in own} for own in sheet.pieces]
    n = min(_CHECKED, sheet.n_products)
    choices = [tuple(chance.choice(own) for own in sheet.synthons) for _ in range(n)]
    wrong = []
    for choice, one in zip(choices, products.taken(choices), strict=True):
        is_same = not isinstance(one, str) and one.joins == sheet.bonds
        if not is_same or any(
            piece.content != look[at]
            for piece, look, at in zip(one.pieces, looks, choice, strict=True)  # type: ignore[union-attr]
        ):
            wrong.append(choice)
    return n, wrong


def _spread_out(kinds: dict[object, list[int]], n: int) -> list[int]:
    """The first synthon of each of the n commonest kinds."""
    commonest = sorted(kinds.values(), key=len, reverse=True)[:n]
    return [members[0] for members in commonest]


def _with(choice: _Choice, position: int, at: int) -> _Choice:
    return (*choice[:position], at, *choice[position + 1 :])


def _ports(smiles: str) -> dict[int, int] | None:
    try:
        return ports(smiles)
    except KeyError:
        return None
