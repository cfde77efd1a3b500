"""Boxes: parts of a sheet whose terms fit in memory, each scored at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from molq.spaces.scanning.grouping import Grouping
from molq.spaces.terms import F32, SheetTerms
from molq.spaces.views import Ints

_POWER_STEPS, _TINY = 3, np.float32(1e-30)


class Box(NamedTuple):
    """Of each position the pieces ``start`` to ``stop``, in the order of ``Order``."""

    start: tuple[int, ...]
    stop: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Pieces of each position."""
        return tuple(b - a for a, b in zip(self.start, self.stop, strict=True))

    @property
    def n_products(self) -> int:
        """Combinations of pieces."""
        return prod(self.sizes)

    def cut(self, most: int) -> list[Box]:
        """It as a box of no more than ``most`` combinations, and the rest."""
        first, rest = self, []
        while first.n_products > max(most, 1):
            largest = max(first.sizes)
            position = first.sizes.index(largest)
            first, other = first.halves(position, first.start[position] + largest // 2)
            rest.append(other)
        return [first, *rest]

    def halves(self, position: int, middle: int) -> tuple[Box, Box]:
        """It, cut before piece ``middle`` of a position."""
        stop, start = list(self.stop), list(self.start)
        stop[position] = start[position] = middle
        return Box(self.start, tuple(stop)), Box(tuple(start), self.stop)


class Order(NamedTuple):
    """The pieces of each position, so that those of a group stand together, and within it the most alike."""

    pieces: tuple[Ints, ...]

    @classmethod
    def of(cls, terms: SheetTerms, grouping: Grouping, alone: Sequence[F32], weight: F32) -> Order:
        """That of a sheet, by what its pieces add alone, each channel as much as it weighs."""
        parts = zip(terms.views, grouping.reaches, grouping.groups, alone, strict=True)
        return cls(
            tuple(_sorted((*view.nested[: reach + 1], groups), rows, weight) for view, reach, groups, rows in parts)
        )


class Scene(NamedTuple):
    """A sheet as a network sees it, its pieces in order."""

    terms: SheetTerms
    grouping: Grouping
    order: Order


def boxes(scene: Scene, max_terms: int, max_products: int, max_pieces: int) -> Iterator[Box]:
    """Boxes that make up a sheet, each of no more terms, products and pieces, as far as it can be cut."""
    waiting = [Box(tuple(0 for _ in scene.order.pieces), tuple(map(len, scene.order.pieces)))]
    while waiting:
        box = waiting.pop()
        if not box.n_products:
            continue
        if sum(box.sizes) > max_pieces and box.n_products > 1:
            position = box.sizes.index(max(box.sizes))
            waiting += reversed(box.halves(position, _middle(scene, box, position)))
            continue
        if (n_terms(scene, box) <= max_terms and box.n_products <= max_products) or box.n_products == 1:
            yield box
            continue
        cuts = [
            box.halves(position, _middle(scene, box, position))
            for position in range(len(scene.order.pieces))
            if box.sizes[position] > 1
        ]
        best = min(cuts, key=lambda pair: sum(n_terms(scene, half) for half in pair))
        waiting += reversed(best)


def n_terms(scene: Scene, box: Box) -> int:
    """How many terms a box needs."""
    terms, chosen = scene.terms, chosen_pieces(scene.order, box)
    total = 0
    for position in range(len(chosen)):
        for at in terms.meeting(position):
            sight = terms.views[position].sights[at]
            own = np.unique(sight.own[chosen[position]])
            count = int((own >= 0).sum())
            for other in terms.seen(sight):
                count *= len(np.unique(terms.views[other].near(sight.reach)[chosen[other]]))
            total += count
    return total


def starts_of(numbers: Ints) -> Ints:
    """Where another number begins."""
    return np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]])) if len(numbers) else numbers


def chosen_pieces(order: Order, box: Box) -> tuple[Ints, ...]:
    """Those of each position."""
    return tuple(own[a:b] for own, a, b in zip(order.pieces, box.start, box.stop, strict=True))


def _middle(scene: Scene, box: Box, position: int) -> int:
    """Where to cut a position: between two classes, if it has several, or two groups."""
    start, stop = box.start[position], box.stop[position]
    half = (start + stop) // 2
    pieces = scene.order.pieces[position][start:stop]
    for told_apart in (scene.grouping.classes, scene.grouping.groups):
        edges = start + starts_of(told_apart[position][pieces])[1:]
        if len(edges):
            return int(edges[np.argmin(abs(edges - half))])
    return half


def _sorted(told_apart: Sequence[Ints], rows: F32, weight: F32) -> Ints:
    order = np.lexsort(told_apart[::-1])
    edges = np.append(starts_of(told_apart[-1][order]), len(order))
    weighed = rows * np.abs(weight)
    parts = [_alike_together(weighed, order[a:b]) for a, b in itertools.pairwise(edges.tolist())]
    return np.concatenate(parts)


def _alike_together(rows: F32, index: Ints) -> Ints:
    """The index so that halves, and halves of halves, lie apart along the direction in which they differ most."""
    if len(index) <= 2:
        return index
    ordered = _along_the_widest(rows, index)
    middle = (len(ordered) + 1) // 2
    return np.concatenate([_alike_together(rows, ordered[:middle]), _alike_together(rows, ordered[middle:])])


def _along_the_widest(rows: F32, index: Ints) -> Ints:
    """The index in the order of the direction in which its rows differ most."""
    apart = rows[index]
    apart -= apart.mean(axis=0)
    direction = apart[np.argmax(np.einsum("ij,ij->i", apart, apart))]
    for _ in range(_POWER_STEPS):
        direction = (apart @ direction) @ apart
        direction /= np.linalg.norm(direction) + _TINY
    return index[np.argsort(apart @ direction, kind="stable")]
