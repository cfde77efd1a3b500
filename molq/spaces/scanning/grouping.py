"""How the pieces of a position are put together: in classes that partners see alike, and groups that add alike.

A term is known by what a sight is and by what it sees of its partners. Of *plain* sights it is known as soon as the
classes of the partners are; *far* sights see more than those tell. Within a class pieces that partners' far sights see
alike, and whose own far sights are alike, are a group: beside other groups all of it has the same far terms. Coarse
classes with many far sights and fine ones with none are both right; what differs is how much there is to add up.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from molq.spaces.terms import SheetTerms
from molq.spaces.views import UNSEEN, Ints


class Grouping(NamedTuple):
    """Of a sheet."""

    reaches: tuple[int, ...]
    """of each position, how far partners see of it who see its classes"""
    classes: tuple[Ints, ...]
    """of each position [n pieces]: near classes of that reach"""
    groups: tuple[Ints, ...]
    """of each position [n pieces]; a class is made of whole groups"""
    far: tuple[tuple[int, ...], ...]
    """of each position its far sights; all others that see a partner are plain"""

    @classmethod
    def of(cls, terms: SheetTerms) -> Grouping:
        """The one with the least to add up, among those whose classes are near classes of one reach in a position."""
        radius, k = terms.views[0].radius, len(terms.views)
        tried: dict[tuple[int, ...], tuple[float, Grouping]] = {}

        def cost(reaches: tuple[int, ...]) -> float:
            if reaches not in tried:
                found = _with(terms, reaches)
                tried[reaches] = _additions(terms, found), found
            return tried[reaches][0]

        best = min(((reach,) * k for reach in range(UNSEEN, radius)), key=cost)
        while True:
            beside = [
                (*best[:p], best[p] + step, *best[p + 1 :])
                for p, step in itertools.product(range(k), (-1, 1))
                if UNSEEN <= best[p] + step < radius
            ]
            better = min(beside, key=cost, default=best)
            if cost(better) >= cost(best):
                return tried[best][1]
            best = better


def _with(terms: SheetTerms, reaches: Sequence[int]) -> Grouping:
    """That of near classes of these reaches."""
    views = terms.views
    classes = [view.near([reach] * (2 * view.ports.shape[1])) for view, reach in zip(views, reaches, strict=True)]
    told_apart = [[own] for own in classes]
    far: list[tuple[int, ...]] = []
    for position, view in enumerate(views):
        of_position = []
        for at in terms.meeting(position):
            sight = view.sights[at]
            seen = terms.seen(sight)
            if all(views[other].farthest(sight.reach) <= reaches[other] for other in seen):
                continue
            of_position.append(at)
            told_apart[position].append(sight.own)
            for other in seen:
                told_apart[other].append(views[other].near(sight.reach))
        far.append(tuple(of_position))
    groups = tuple(np.unique(np.stack(columns), axis=1, return_inverse=True)[1].ravel() for columns in told_apart)
    return Grouping(tuple(reaches), tuple(classes), groups, tuple(far))


def _additions(terms: SheetTerms, grouping: Grouping) -> float:
    """About how many rows are added up in a scan of the whole sheet."""
    n_classes = [len(np.unique(own)) for own in grouping.classes]
    n_groups = [len(np.unique(own)) for own in grouping.groups]
    total = float(prod(n_groups)) * (len(n_groups) + sum(map(len, grouping.far)))
    for position, view in enumerate(terms.views):
        plain = len(terms.meeting(position)) - len(grouping.far[position])
        beside = prod(n for other, n in enumerate(n_classes) if other != position)
        total += float(view.n_pieces) * beside * (2 + plain)
    return total
