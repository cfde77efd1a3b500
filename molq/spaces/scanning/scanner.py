"""The scan of a box: every product of its pieces scored, the best kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.engine.activation import rises
from molq.spaces.ranker import Ranker
from molq.spaces.scanning import kernels
from molq.spaces.scanning.best import MAX_POSITIONS, BestFound, Found
from molq.spaces.scanning.boxes import Box, Order, Scene, boxes, chosen_pieces
from molq.spaces.scanning.grouping import Grouping
from molq.spaces.scanning.tables import Arena, Tables, filled_up, tables
from molq.spaces.sheets import Sheet
from molq.spaces.terms import F32, SheetTerms
from molq.spaces.views import Ints

MAX_TERMS_BYTES = 128 * 2**20
"""of a box"""
MAX_ROWS_BYTES = 2**30
"""of a box: each of its pieces has _ROWS in the tables and the trees"""
_ROWS = 4
MAX_PRODUCTS = 10**9
"""of a box: what passes between two signs of life"""
_TILE = 4096


class Scanned(NamedTuple):
    """A box's best, and how many combinations of pieces were scored."""

    best: Found
    n_scored: int


class _Ready:
    """What a sheet needs."""

    def __init__(self, terms: SheetTerms) -> None:
        self.terms = terms

    @cached_property
    def alone(self) -> tuple[F32, ...]:
        return tuple(self.terms.alone(position) for position in range(len(self.terms.views)))

    @cached_property
    def grouping(self) -> Grouping:
        return Grouping.of(self.terms)


class Scanner:
    """Scores boxes of sheets; what a sheet needs is made when it is met, and kept for the next box."""

    def __init__(
        self, ranker: Ranker, sheets: Sequence[Sheet], size: int, orders: Sequence[Order] | None = None
    ) -> None:
        self._ranker, self._sheets, self._size = ranker, sheets, size
        self._arena = Arena(ranker.additive.width)
        self._at: int | None = None
        self._ready: _Ready | None = None
        self.orders = tuple(map(self._order, range(len(sheets)))) if orders is None else tuple(orders)
        """of each sheet; whoever scans boxes must know them by the same order"""

    def boxes(self, at: int) -> list[Box]:
        """Those of a sheet."""
        row_bytes = 4 * self._ranker.additive.width
        max_terms, max_pieces = MAX_TERMS_BYTES // row_bytes, MAX_ROWS_BYTES // (_ROWS * row_bytes)
        return list(boxes(self._scene(at), max_terms, MAX_PRODUCTS, max_pieces))

    def _order(self, at: int) -> Order:
        ready = self._of(at)
        return Order.of(ready.terms, ready.grouping, ready.alone, self._weight)

    @cached_property
    def _weight(self) -> F32:
        unit = self._ranker.unit
        return np.ones(self._ranker.additive.width, np.float32) if unit is None else unit.weight

    def _scene(self, at: int) -> Scene:
        ready = self._of(at)
        return Scene(ready.terms, ready.grouping, self.orders[at])

    def scan(self, at: int, box: Box, cut_off: float) -> Scanned:
        """The products of a box of sheet ``at`` that are higher than ``cut_off``, ``size`` at most."""
        scene = self._scene(at)
        made = tables(scene, box, self._of(at).alone, self._weight, self._arena)
        pieces = chosen_pieces(scene.order, box)
        unit = self._ranker.unit
        ranges = _ranges(self._sheets[at], pieces)
        if unit is None:
            return self._at_length(at, made, pieces, ranges, cut_off)
        size = min(self._size, box.n_products)
        best = kernels.Heap(np.empty(size, np.float32), np.empty((size, len(pieces)), np.int32))
        head = kernels.HeadRow(
            self._ranker.additive.is_mean,
            filled_up(self._ranker.additive.bias),
            filled_up(unit.weight),
            unit.activation.code,
            unit.activation.numbers,
            rises(unit.activation),
        )
        n, n_settled = kernels.scan(made, head, ranges, np.float32(cut_off - unit.bias), best, 0)
        return Scanned(_found(best.values[:n] + np.float32(unit.bias), at, pieces, best.chosen[:n]), int(n_settled))

    def _at_length(
        self, at: int, made: Tables, pieces: tuple[Ints, ...], ranges: kernels.WindowArrays, cut_off: float
    ) -> Scanned:
        """The same for heads of several layers and ensembles, in NumPy."""
        best = BestFound(self._size)
        n_scored = 0
        for sums, chosen in _tiles(made, self._ranker.additive.width):
            is_inside = _is_inside(ranges, chosen)
            sums, chosen = sums[is_inside], chosen[is_inside]
            if not len(chosen):
                continue
            heights = self._ranker.added_up(sums, made.n_atoms[chosen].sum(axis=1))
            high = np.flatnonzero(heights > max(cut_off, best.cut_off))
            best.add(_found(heights[high].astype(np.float32), at, pieces, chosen[high] - made.piece_ptr[:-1]))
            n_scored += len(heights)
        return Scanned(best.found, n_scored)

    def _of(self, at: int) -> _Ready:
        if self._at != at or self._ready is None:
            self._at, self._ready = at, _Ready(SheetTerms(self._sheets[at], self._ranker.additive))
        return self._ready


def _ranges(sheet: Sheet, pieces: Sequence[Ints]) -> kernels.WindowArrays:
    """Those of these pieces of each position."""
    if sheet.window is None:
        none = np.zeros(0, np.float32)
        return kernels.WindowArrays(np.zeros((sum(map(len, pieces)), 0), np.float32), none, none)
    of_all = [column[own] for column, own in zip(sheet.window.columns, pieces, strict=True)]
    return kernels.WindowArrays(np.concatenate(of_all), sheet.window.low, sheet.window.high)


def _is_inside(ranges: kernels.WindowArrays, chosen: Ints) -> NDArray[np.bool_]:
    """[n], of products of these pieces [n, k]."""
    total = ranges.columns[chosen].sum(axis=1)
    return np.asarray(((total >= ranges.low) & (total <= ranges.high)).all(axis=1))


def _found(heights: F32, at: int, pieces: Sequence[Ints], chosen: NDArray[np.integer]) -> Found:
    found = np.full((len(heights), MAX_POSITIONS), -1, np.int32)
    for position, own in enumerate(pieces):
        found[:, position] = own[chosen[:, position]]
    return Found(heights, np.full(len(heights), at, np.int32), found)


def _tiles(made: Tables, width: int) -> Iterator[tuple[F32, Ints]]:
    """Sums [n, width] and pieces [n, k] of the products of a box, some at a time."""
    k = len(made.piece_ptr) - 1
    room = [np.empty((most, made.base.shape[1]), np.float32) for most in np.diff(made.piece_ptr)]
    far = np.empty(made.base.shape[1], np.float32)
    waiting: list[tuple[F32, Ints]] = []
    n_waiting = 0
    for classes in itertools.product(*map(range, made.position_ptr[:-1], made.position_ptr[1:])):
        begins = [int(made.group_ptr[made.class_ptr[c]]) for c in classes]
        for p, c in enumerate(classes):
            kernels.fill_rows(
                made, p, np.array(classes), begins[p], int(made.group_ptr[made.class_ptr[c + 1]]), room[p]
            )
        for groups in itertools.product(*(range(made.class_ptr[c], made.class_ptr[c + 1]) for c in classes)):
            kernels.fill_beside(made.far[-1], made.terms, np.array(groups), far)
            firsts = made.group_ptr[list(groups)]
            shape = made.group_ptr[np.array(groups) + 1] - firsts
            for start in range(0, int(prod(shape.tolist())), _TILE):
                places = np.arange(start, min(start + _TILE, int(prod(shape.tolist()))))
                few = np.stack(np.unravel_index(places, shape), axis=1) + firsts
                sums = far + sum(room[p][few[:, p] - begins[p]] for p in range(k))
                waiting.append((sums[:, :width], few))
                n_waiting += len(few)
                if n_waiting >= _TILE:
                    yield _together(waiting)
                    waiting, n_waiting = [], 0
    if waiting:
        yield _together(waiting)


def _together(parts: Sequence[tuple[F32, Ints]]) -> tuple[F32, Ints]:
    sums, places = (np.concatenate(part) for part in zip(*parts, strict=True))
    return sums, places
