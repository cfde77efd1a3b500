"""The scan of a box: every product of its pieces scored, the best kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.engine.activation import rises
from molq.spaces import scan_kernels as kernels
from molq.spaces.best import MAX_POSITIONS, BestFound, Found
from molq.spaces.boxes import Box, Order, Tables, boxes, filled_up, tables
from molq.spaces.ranker import Ranker
from molq.spaces.sheets import Sheet, Window
from molq.spaces.terms import F32, SheetTerms

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
    def __init__(self, terms: SheetTerms) -> None:
        self.terms = terms

    @cached_property
    def alone(self) -> tuple[F32, ...]:
        return tuple(self.terms.alone(position) for position in range(len(self.terms.views)))


class Scanner:
    """Scores boxes of sheets; what a sheet needs is made when it is met, and kept for the next box."""

    def __init__(
        self, ranker: Ranker, sheets: Sequence[Sheet], size: int, orders: Sequence[Order] | None = None
    ) -> None:
        self._ranker, self._sheets, self._size = ranker, sheets, size
        self._at: int | None = None
        self._ready: _Ready | None = None
        self.orders = tuple(map(self._order, range(len(sheets)))) if orders is None else tuple(orders)
        """of each sheet; whoever scans boxes must know them by the same order"""

    def boxes(self, at: int) -> list[Box]:
        """Those of a sheet."""
        row_bytes = 4 * self._ranker.additive.width
        max_terms, max_pieces = MAX_TERMS_BYTES // row_bytes, MAX_ROWS_BYTES // (_ROWS * row_bytes)
        return list(boxes(self._of(at).terms, self.orders[at], max_terms, MAX_PRODUCTS, max_pieces))

    def _order(self, at: int) -> Order:
        ready, unit = self._of(at), self._ranker.unit
        weight = np.ones(self._ranker.additive.width, np.float32) if unit is None else unit.weight
        return Order.of(ready.terms, ready.alone, weight)

    def scan(self, at: int, box: Box, cut_off: float) -> Scanned:
        """The products of a box of sheet ``at`` that are higher than ``cut_off``, ``size`` at most."""
        ready = self._of(at)
        made = tables(ready.terms, self.orders[at], box, ready.alone)
        unit = self._ranker.unit
        if unit is None:
            return self._at_length(at, made, cut_off)
        values = np.empty(min(self._size, box.n_products), np.float32)
        chosen = np.empty((len(values), len(made.pieces)), np.int32)
        window = _window(self._sheets[at], made)
        n, n_scored = kernels.scan(
            *made[1:],
            self._ranker.additive.is_mean,
            filled_up(self._ranker.additive.bias),
            filled_up(unit.weight),
            unit.activation.code,
            unit.activation.numbers,
            rises(unit.activation),
            window.columns[0],
            window.low,
            window.high,
            np.float32(cut_off - unit.bias),
            values,
            chosen,
            0,
        )
        return Scanned(_found(values[:n] + np.float32(unit.bias), at, made, chosen[:n]), int(n_scored))

    def _at_length(self, at: int, made: Tables, cut_off: float) -> Scanned:
        """The same for heads of several layers and ensembles, in NumPy."""
        best = BestFound(self._size)
        window = _window(self._sheets[at], made)
        n_scored = 0
        for sums, n_atoms, chosen in _tiles(made, self._ranker.additive.width):
            is_inside = _is_inside(window, made, chosen)
            sums, n_atoms, chosen = sums[is_inside], n_atoms[is_inside], chosen[is_inside]
            if not len(chosen):
                continue
            heights = self._ranker.added_up(sums, n_atoms)
            high = np.flatnonzero(heights > max(cut_off, best.cut_off))
            best.add(_found(heights[high].astype(np.float32), at, made, chosen[high]))
            n_scored += len(heights)
        return Scanned(best.found, n_scored)

    def _of(self, at: int) -> _Ready:
        if self._at != at or self._ready is None:
            self._at, self._ready = at, _Ready(SheetTerms(self._sheets[at], self._ranker.additive))
        return self._ready


def _window(sheet: Sheet, made: Tables) -> Window:
    """That of a box, its columns those of all positions one after the other."""
    if sheet.window is None:
        none = np.zeros(0, np.float32)
        return Window((np.zeros((len(made.base), 0), np.float32),), none, none)
    of_all = [column[own] for column, own in zip(sheet.window.columns, made.pieces, strict=True)]
    return Window((np.concatenate(of_all),), sheet.window.low, sheet.window.high)


def _is_inside(window: Window, made: Tables, chosen: NDArray[Any]) -> NDArray[np.bool_]:
    """[n], of products at these places [n, k]."""
    (columns,) = window.columns
    total = sum(columns[made.pos_ptr[p] + chosen[:, p]] for p in range(chosen.shape[1]))
    return np.asarray(((total >= window.low) & (total <= window.high)).all(axis=1))


def _found(heights: F32, at: int, made: Tables, chosen: NDArray[Any]) -> Found:
    pieces = np.full((len(heights), MAX_POSITIONS), -1, np.int32)
    for position, own in enumerate(made.pieces):
        pieces[:, position] = own[chosen[:, position]]
    return Found(heights, np.full(len(heights), at, np.int32), pieces)


def _tiles(made: Tables, width: int) -> Iterator[tuple[F32, NDArray[Any], NDArray[Any]]]:
    """Sums [n, width], atoms [n] and places [n, k] of the products of a box, some at a time."""
    k = len(made.pieces)
    counts = [int(made.bound_ptr[p + 1] - made.bound_ptr[p] - 1) for p in range(k)]
    most = max(map(len, made.pieces))
    room = [np.empty((most, made.base.shape[1]), np.float32) for _ in range(k)]
    waiting: list[tuple[F32, NDArray[Any], NDArray[Any]]] = []
    n_waiting = 0
    for classes in itertools.product(*map(range, counts)):
        rows, begins = [], []
        for p in range(k):
            n = kernels.fill_rows(p, np.array(classes), *made[1:10], room[p])
            rows.append(room[p][:n, :width])
            begin = int(made.bounds[made.bound_ptr[p] + classes[p]])
            begins.append(begin)
        shape = [len(own) for own in rows]
        for start in range(0, prod(shape), _TILE):
            few = np.stack(np.unravel_index(np.arange(start, min(start + _TILE, prod(shape))), shape), axis=1)
            sums = sum(rows[p][few[:, p]] for p in range(k))
            few += begins
            atoms = sum(made.n_atoms[made.pos_ptr[p] + few[:, p]] for p in range(k))
            waiting.append((np.asarray(sums), np.asarray(atoms), few))
            n_waiting += len(few)
            if n_waiting >= _TILE:
                yield _together(waiting)
                waiting, n_waiting = [], 0
    if waiting:
        yield _together(waiting)


def _together(parts: Sequence[tuple[F32, NDArray[Any], NDArray[Any]]]) -> tuple[F32, NDArray[Any], NDArray[Any]]:
    sums, atoms, places = (np.concatenate(part) for part in zip(*parts, strict=True))
    return sums, atoms, places
