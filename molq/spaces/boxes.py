"""Boxes: parts of a sheet whose terms fit in memory, each scored at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.spaces.terms import F32, SheetTerms
from molq.spaces.views import UNSEEN, Ints, View

_POWER_STEPS, _TINY = 3, np.float32(1e-30)
LANES = 16
"""hidden channels are filled up to a multiple of it"""


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
    """The pieces of each position, so that those of one near class stand together, and within it the most alike."""

    pieces: tuple[Ints, ...]

    @classmethod
    def of(cls, terms: SheetTerms, alone: Sequence[F32], weight: F32) -> Order:
        """That of a sheet, by what its pieces add alone, each channel as much as it weighs."""
        return cls(tuple(_sorted(view, rows, weight) for view, rows in zip(terms.views, alone, strict=True)))


class Tables(NamedTuple):
    """What ``scan_kernels`` take of a box."""

    pieces: tuple[Ints, ...]
    base: F32
    pos_ptr: Ints
    bounds: Ints
    bound_ptr: Ints
    terms: F32
    sight_ptr: Ints
    own: Ints
    own_ptr: Ints
    near: Ints
    sizes: Ints
    n_atoms: Ints


def boxes(terms: SheetTerms, order: Order, max_terms: int, max_products: int, max_pieces: int) -> Iterator[Box]:
    """Boxes that make up a sheet, each of no more terms, products and pieces, as far as it can be cut."""
    waiting = [Box(tuple(0 for _ in order.pieces), tuple(map(len, order.pieces)))]
    while waiting:
        box = waiting.pop()
        if not box.n_products:
            continue
        if sum(box.sizes) > max_pieces and box.n_products > 1:
            position = box.sizes.index(max(box.sizes))
            waiting += reversed(box.halves(position, _middle(terms, order, box, position)))
            continue
        if (n_terms(terms, order, box) <= max_terms and box.n_products <= max_products) or box.n_products == 1:
            yield box
            continue
        cuts = [
            box.halves(position, _middle(terms, order, box, position))
            for position in range(len(order.pieces))
            if box.sizes[position] > 1
        ]
        best = min(cuts, key=lambda pair: sum(n_terms(terms, order, half) for half in pair))
        waiting += reversed(best)


def n_terms(terms: SheetTerms, order: Order, box: Box) -> int:
    """How many terms a box needs."""
    chosen = _chosen(order, box)
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


def tables(terms: SheetTerms, order: Order, box: Box, alone: tuple[F32, ...]) -> Tables:
    """The rows of the pieces, and the terms of every sight."""
    chosen = _chosen(order, box)
    k = len(chosen)
    edges = [_edges(terms, position, chosen[position]) for position in range(k)]
    most = max(len(own) - 1 for own in edges)
    width = alone[0].shape[1]
    found = np.zeros((n_terms(terms, order, box), _lanes(width)), np.float32)
    own_places, near_places, sight_ptr, sizes = [], [], [0], []
    n_found = 0
    for position in range(k):
        view = terms.views[position]
        for at in terms.meeting(position):
            sight = view.sights[at]
            own = sight.own[chosen[position]]
            kinds, place = np.unique(own[own >= 0], return_inverse=True)
            axes, near = [kinds], np.zeros((k, most), np.int64)
            seen = terms.seen(sight)
            inverses = []
            for other in seen:
                firsts = chosen[other][edges[other][:-1]]
                classes = terms.views[other].near(sight.reach)[firsts]
                kinds_there, inverse = np.unique(classes, return_inverse=True)
                axes.append(kinds_there)
                inverses.append(inverse.ravel())
            stride = prod(map(len, axes[1:]))
            sizes.append(stride)
            where = np.full(len(own), UNSEEN, np.int64)
            where[own >= 0] = n_found + place.ravel() * stride
            for other, inverse, axis in zip(seen, inverses, axes[1:], strict=True):
                stride //= len(axis)
                near[other, : len(inverse)] = inverse * stride
            grid = [part.ravel() for part in np.meshgrid(*axes, indexing="ij")]
            into = found[n_found : n_found + len(grid[0]), :width]
            terms.fill_terms(position, at, grid[0], dict(zip(seen, grid[1:], strict=True)), into)
            n_found += len(grid[0])
            own_places.append(where)
            near_places.append(near)
        sight_ptr.append(len(own_places))
    return Tables(
        chosen,
        _filled_up(np.concatenate([rows[own] for rows, own in zip(alone, chosen, strict=True)])),
        np.cumsum([0, *map(len, chosen)]).astype(np.int64),
        np.concatenate(edges).astype(np.int64),
        np.cumsum([0, *map(len, edges)]).astype(np.int64),
        found,
        np.array(sight_ptr, np.int64),
        np.concatenate([*own_places, np.zeros(0, np.int64)]),
        np.cumsum([0, *map(len, own_places)]).astype(np.int64),
        np.array(near_places, np.int64).reshape(len(near_places), k, most),
        np.array(sizes, np.int64),
        np.concatenate([view.n_atoms[own] for view, own in zip(terms.views, chosen, strict=True)]),
    )


def _lanes(width: int) -> int:
    return -(-width // LANES) * LANES


def _filled_up(rows: F32) -> F32:
    """[n, width] with zeros up to a multiple of LANES."""
    width = _lanes(rows.shape[1])
    if width == rows.shape[1]:
        return rows
    wider = np.zeros((len(rows), width), np.float32)
    wider[:, : rows.shape[1]] = rows
    return wider


def filled_up(row: NDArray[np.float32]) -> NDArray[np.float32]:
    """[width] with zeros up to a multiple of LANES."""
    return np.ascontiguousarray(_filled_up(row[None])[0])


def _chosen(order: Order, box: Box) -> tuple[Ints, ...]:
    return tuple(own[a:b] for own, a, b in zip(order.pieces, box.start, box.stop, strict=True))


def _edges(terms: SheetTerms, position: int, pieces: Ints) -> Ints:
    """Where near classes begin, and the end."""
    classes = terms.views[position].widest[pieces]
    return np.concatenate([[0], np.flatnonzero(classes[1:] != classes[:-1]) + 1, [len(classes)]])


def _middle(terms: SheetTerms, order: Order, box: Box, position: int) -> int:
    """Where to cut a position: between two classes, if it has several."""
    start, stop = box.start[position], box.stop[position]
    edges = start + _edges(terms, position, order.pieces[position][start:stop])[1:-1]
    half = (start + stop) // 2
    return int(edges[np.argmin(abs(edges - half))]) if len(edges) else half


def _sorted(view: View, rows: F32, weight: F32) -> Ints:
    order = np.lexsort(view.nested[::-1])
    classes = view.widest[order]
    edges = np.flatnonzero(np.concatenate([[True], classes[1:] != classes[:-1], [True]]))
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
