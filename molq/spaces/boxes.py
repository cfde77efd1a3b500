"""Boxes: parts of a sheet whose terms fit in memory, each scored at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.spaces import scan_kernels as kernels
from molq.spaces.grouping import Grouping
from molq.spaces.terms import F32, SheetTerms
from molq.spaces.views import UNSEEN, Ints

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
    """The pieces of each position, so that those of a group stand together, and within it the most alike."""

    pieces: tuple[Ints, ...]

    @classmethod
    def of(cls, terms: SheetTerms, grouping: Grouping, alone: Sequence[F32], weight: F32) -> Order:
        """That of a sheet, by what its pieces add alone, each channel as much as it weighs."""
        parts = zip(terms.views, grouping.reaches, grouping.groups, alone, strict=True)
        return cls(tuple(_sorted((*view.nested[: reach + 1], groups), rows, weight) for view, reach, groups, rows in parts))


class Sights(NamedTuple):
    """Where their terms stand: at ``own`` of a unit and, added to it, ``near`` of what stands at other positions."""

    ptr: Ints
    """[positions + 1]: those of each"""
    own: Ints
    """of each unit of the position, sight after sight; UNSEEN for one without such atoms"""
    own_at: Ints
    """[sights]: what the number of a unit among those of all positions is to be added to"""
    near: Ints
    """[sights, classes or groups of all positions]; 0 for those that are not seen"""


class Tables(NamedTuple):
    """What the kernels take of a box. Pieces, groups and classes are those of all positions, one after the other."""

    base: F32
    """[pieces, width]: what they add alone"""
    n_atoms: Ints
    """[pieces]"""
    piece_ptr: Ints
    """[positions + 1]"""
    group_ptr: Ints
    """[groups + 1]: the pieces of each"""
    class_ptr: Ints
    """[classes + 1]: the groups of each"""
    position_ptr: Ints
    """[positions + 1]: the classes of each"""
    opening: Ints
    """[positions]: the order in which classes are opened"""
    terms: F32
    plain: Sights
    """of pieces beside classes"""
    crowns: Sights
    """of classes beside classes: in every channel the best of their pieces, with what these add alone"""
    far: tuple[Sights, ...]
    """of groups beside groups, when 0, 1, … all positions are opened; those that are not have the best of the class in
    every channel, whichever of its groups is asked"""


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


def tables(scene: Scene, box: Box, alone: Sequence[F32], weight: F32) -> Tables:
    """The rows of the pieces, and the terms of every sight; the best in a channel is by the sign of its weight [width]."""
    return _Tables(scene, box, alone, weight).made()


class _Axis(NamedTuple):
    """What tells rows of a sight apart."""

    position: int
    kinds: Ints
    """[units of the position]: UNSEEN where there are no rows"""
    size: int


class _Sight(NamedTuple):
    begin: int
    """its first row"""
    axes: tuple[_Axis, ...]
    """the own one, and those of the positions that are seen"""

    @property
    def n_rows(self) -> int:
        return prod(axis.size for axis in self.axes)


class _Tables:
    """Tables as they are made."""

    def __init__(self, scene: Scene, box: Box, alone: Sequence[F32], weight: F32) -> None:
        self._terms, self._grouping, self._alone = scene.terms, scene.grouping, alone
        self._weight = filled_up(weight)
        self._chosen = chosen_pieces(scene.order, box)
        self._k = len(self._chosen)
        at = range(self._k)
        class_starts = [_starts(scene.grouping.classes[p][self._chosen[p]]) for p in at]
        group_starts = [_starts(scene.grouping.groups[p][self._chosen[p]]) for p in at]
        self._class_of = [
            np.searchsorted(classes, groups, side="right") - 1
            for classes, groups in zip(class_starts, group_starts, strict=True)
        ]
        """of each group"""
        self._class_of_piece = [
            np.repeat(np.arange(len(starts)), np.diff([*starts, len(own)]))
            for starts, own in zip(class_starts, self._chosen, strict=True)
        ]
        self._classes = [own[starts] for own, starts in zip(self._chosen, class_starts, strict=True)]
        self._groups = [own[starts] for own, starts in zip(self._chosen, group_starts, strict=True)]
        """a piece of each"""
        self._class_ptr = np.concatenate(
            [np.searchsorted(own, np.arange(len(starts))) + first
             for own, starts, first in zip(self._class_of, class_starts, _ends(map(len, group_starts)), strict=False)]
            + [[sum(map(len, group_starts))]]
        )
        self._group_ptr = np.concatenate(
            [starts + first for starts, first in zip(group_starts, _ends(map(len, self._chosen)), strict=False)]
            + [[sum(map(len, self._chosen))]]
        )
        width = alone[0].shape[1]
        self._width = width
        self._found = [np.zeros((n_terms(scene, box), _lanes(width)), np.float32)]
        self._n = 0

    def made(self) -> Tables:
        far = [list(of_position) for of_position in self._grouping.far]
        plain = [sorted({*self._terms.meeting(p)} - {*far[p]}) for p in range(self._k)]
        of_plain = [[self._sight(p, at, self._chosen, self._classes) for at in plain[p]] for p in range(self._k)]
        of_far = [[self._sight(p, at, self._groups, self._groups) for at in far[p]] for p in range(self._k)]
        base = _filled_up(np.concatenate([rows[own] for rows, own in zip(self._alone, self._chosen, strict=True)]))
        crowns = [[self._of_classes(sight, 0, self._class_of_piece[p]) for sight in of_plain[p]] for p in range(self._k)]
        for p in range(self._k):
            crowns[p].append(self._crown_of_base(base, p))
        n_per_class = [len(self._groups[p]) / max(len(self._classes[p]), 1) for p in range(self._k)]
        opening = np.argsort(n_per_class, kind="stable")
        stages = [of_far]
        for p in reversed(opening.tolist()):
            stages.append([[self._closed(sight, p) for sight in of_position] for of_position in stages[-1]])
        return Tables(
            base,
            np.concatenate([view.n_atoms[own] for view, own in zip(self._terms.views, self._chosen, strict=True)]),
            _ends(map(len, self._chosen)),
            self._group_ptr.astype(np.int64),
            self._class_ptr.astype(np.int64),
            _ends(map(len, self._classes)),
            opening.astype(np.int64),
            np.concatenate(self._found),
            self._sights(of_plain, self._chosen, self._classes),
            self._sights(crowns, self._classes, self._classes),
            tuple(self._sights(stage, self._groups, self._groups) for stage in reversed(stages)),
        )

    def _sight(self, position: int, at: int, units: Sequence[Ints], beside: Sequence[Ints]) -> _Sight:
        """Its terms, entered; units and what stands beside them are known by a piece of each."""
        sight = self._terms.views[position].sights[at]
        own = sight.own[units[position]]
        kinds, place = np.unique(own[own >= 0], return_inverse=True)
        numbers = np.full(len(own), UNSEEN, np.int64)
        numbers[own >= 0] = place.ravel()
        axes, values = [_Axis(position, numbers, len(kinds))], [kinds]
        seen = self._terms.seen(sight)
        for other in seen:
            kinds_there, inverse = np.unique(self._terms.views[other].near(sight.reach)[beside[other]], return_inverse=True)
            axes.append(_Axis(other, inverse.ravel(), len(kinds_there)))
            values.append(kinds_there)
        made = _Sight(self._n, tuple(axes))
        grid = [part.ravel() for part in np.meshgrid(*values, indexing="ij")]
        into = self._found[0][self._n : self._n + made.n_rows, : self._width]
        self._terms.fill_terms(position, at, grid[0], dict(zip(seen, grid[1:], strict=True)), into)
        self._n += made.n_rows
        return made

    def _crown_of_base(self, base: F32, position: int) -> _Sight:
        """That of what the pieces of each class add alone."""
        own = self._class_of_piece[position]
        first = sum(map(len, self._chosen[:position]))
        rows = base[first : first + len(own)]
        return self._entered((_Axis(position, np.arange(len(own)), len(own)),), 0, own, rows)

    def _closed(self, sight: _Sight, position: int) -> _Sight:
        """With the best of each class of a position in every channel, for all of its groups."""
        for at, axis in enumerate(sight.axes):
            if axis.position == position and len(self._classes[position]) < len(self._groups[position]):
                closed = self._of_classes(sight, at, self._class_of[position])
                return _Sight(closed.begin, tuple(
                    one._replace(kinds=one.kinds[self._class_of[position]]) if i == at else one
                    for i, one in enumerate(closed.axes)
                ))
        return sight

    def _of_classes(self, sight: _Sight, at: int, class_of: Ints) -> _Sight:
        """With the best of the units of each class on an axis."""
        rows = np.concatenate(self._found) if len(self._found) > 1 else self._found[0]
        return self._entered(sight.axes, at, class_of, rows[sight.begin : sight.begin + sight.n_rows])

    def _entered(self, axes: tuple[_Axis, ...], at: int, class_of: Ints, rows: F32) -> _Sight:
        n_classes = int(class_of.max()) + 1
        outer, inner = prod(a.size for a in axes[:at]), prod(a.size for a in axes[at + 1 :])
        pairs = np.unique(np.stack([class_of, axes[at].kinds]), axis=1)
        out = np.empty((outer * n_classes * inner, rows.shape[1]), np.float32)
        kernels.crown(rows, outer, axes[at].size, inner, pairs, self._weight, out)
        begin = sum(map(len, self._found))
        self._found.append(out)
        changed = axes[at]._replace(kinds=np.arange(n_classes), size=n_classes)
        return _Sight(begin, (*axes[:at], changed, *axes[at + 1 :]))

    def _sights(self, of_positions: Sequence[Sequence[_Sight]], units: Sequence[Ints], beside: Sequence[Ints]) -> Sights:
        """As the kernels take them."""
        unit_ptr, beside_ptr = _ends(map(len, units)), _ends(map(len, beside))
        own, own_at, near = [np.zeros(0, np.int64)], [], []
        n_own = 0
        for position, sights in enumerate(of_positions):
            for sight in sights:
                stride = sight.n_rows // max(sight.axes[0].size, 1)
                numbers = sight.axes[0].kinds
                own.append(np.where(numbers >= 0, sight.begin + numbers * stride, UNSEEN))
                own_at.append(n_own - unit_ptr[position])
                n_own += len(numbers)
                row = np.zeros(beside_ptr[-1], np.int64)
                for axis in sight.axes[1:]:
                    stride //= axis.size
                    row[beside_ptr[axis.position] : beside_ptr[axis.position + 1]] = axis.kinds * stride
                near.append(row)
        return Sights(
            _ends(map(len, of_positions)),
            np.concatenate(own),
            np.array(own_at, np.int64),
            np.array(near, np.int64).reshape(len(near), beside_ptr[-1]),
        )


def _ends(lengths: Iterable[int]) -> Ints:
    """[n + 1]: where parts of these lengths begin, and the end."""
    return np.cumsum([0, *lengths]).astype(np.int64)


def _starts(numbers: Ints) -> Ints:
    """Where another number begins."""
    return np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))


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


def chosen_pieces(order: Order, box: Box) -> tuple[Ints, ...]:
    """Those of each position."""
    return tuple(own[a:b] for own, a, b in zip(order.pieces, box.start, box.stop, strict=True))


def _middle(scene: Scene, box: Box, position: int) -> int:
    """Where to cut a position: between two classes, if it has several, or two groups."""
    start, stop = box.start[position], box.stop[position]
    half = (start + stop) // 2
    pieces = scene.order.pieces[position][start:stop]
    for told_apart in (scene.grouping.classes, scene.grouping.groups):
        edges = start + _starts(told_apart[position][pieces])[1:]
        if len(edges):
            return int(edges[np.argmin(abs(edges - half))])
    return half


def _sorted(told_apart: Sequence[Ints], rows: F32, weight: F32) -> Ints:
    order = np.lexsort(told_apart[::-1])
    edges = np.append(_starts(told_apart[-1][order]), len(order))
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
