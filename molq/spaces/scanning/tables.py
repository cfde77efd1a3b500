"""The tables of a box: what its pieces add, what the atoms of their sights add beside partners, and bounds of both.

Pieces stand in the order of ``Order``: those of a class together, and within it in groups, of which each is looked at
as one before its pieces are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from molq.spaces.scanning import kernels
from molq.spaces.scanning.boxes import Box, Scene, chosen_pieces, starts_of
from molq.spaces.terms import F32, SheetTerms
from molq.spaces.views import UNSEEN, Ints

MOST_PIECES = 32
"""of a group"""
_LANES = 16
"""hidden channels are filled up to a multiple of it"""


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
    """of groups beside classes: in every channel the best of their pieces, with what these add alone"""
    far: tuple[Sights, ...]
    """of groups beside groups, when 0, 1, … all positions are opened; for others any group stands for its class, and
    has the best of it in every channel"""


class Arena:
    """Room for the terms of one box after the other: to ask the system for it anew takes long."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._rows = np.zeros((0, _lanes(width)), np.float32)
        self._n = 0

    def begin(self) -> None:
        """Takes back what was given."""
        self._n = 0

    def new(self, n: int) -> int:
        """The number of the first of n more rows."""
        begin, self._n = self._n, self._n + n
        if self._n > len(self._rows):
            wider = np.zeros((self._n + self._n // 2, self._rows.shape[1]), np.float32)
            wider[:begin] = self._rows[:begin]
            self._rows = wider
        return begin

    def rows(self, begin: int = 0, n: int | None = None) -> F32:
        """[n, lanes] from there on; all that were given without a number. They hold until more are asked for."""
        return self._rows[begin : self._n if n is None else begin + n]


def tables(scene: Scene, box: Box, alone: Sequence[F32], weight: F32, arena: Arena) -> Tables:
    """Those of a box; which is the best in a channel is told by the sign of its ``weight`` [width].

    They hold until others are made in the same arena.
    """
    units = _Units.of(scene, box)
    terms, grouping = scene.terms, scene.grouping
    k, weight = len(units.pieces), filled_up(weight)
    arena.begin()
    base = [_filled_up(rows[own]) for rows, own in zip(alone, units.pieces, strict=True)]
    plain = [
        [
            _seen(terms, p, at, units.pieces, units.classes, arena)
            for at in terms.meeting(p)
            if at not in grouping.far[p]
        ]
        for p in range(k)
    ]
    far = [[_seen(terms, p, at, units.groups, units.groups, arena) for at in grouping.far[p]] for p in range(k)]
    crowns = []
    for p, rows in enumerate(base):
        itself = _Sight(arena.new(len(rows)), (_Axis(p, np.arange(len(rows)), len(rows)),))
        arena.rows(itself.begin, len(rows))[:] = rows
        crowns.append([sight.joined(0, units.group_of[p], weight, arena) for sight in (itself, *plain[p])])
    opening = np.argsort([len(a) / max(len(b), 1) for a, b in zip(units.groups, units.classes, strict=True)])
    stages = [far]
    for p in reversed(opening.tolist()):
        stages.append([[sight.closed(p, units.class_of[p], weight, arena) for sight in own] for own in stages[-1]])
    return Tables(
        np.concatenate(base),
        np.concatenate([view.n_atoms[own] for view, own in zip(terms.views, units.pieces, strict=True)]),
        *units.ptrs,
        opening.astype(np.int64),
        arena.rows(),
        _sights(plain, units.pieces, units.classes),
        _sights(crowns, units.groups, units.classes),
        tuple(_sights(stage, units.groups, units.groups) for stage in reversed(stages)),
    )


def filled_up(row: F32) -> F32:
    """[width] with zeros up to a multiple of lanes."""
    return np.ascontiguousarray(_filled_up(row[None])[0])


class _Units(NamedTuple):
    """The pieces of each position of a box, and one that stands for each group and each class of theirs."""

    pieces: tuple[Ints, ...]
    groups: tuple[Ints, ...]
    classes: tuple[Ints, ...]
    group_of: tuple[Ints, ...]
    """of each piece"""
    class_of: tuple[Ints, ...]
    """of each group"""
    ptrs: tuple[Ints, Ints, Ints, Ints]
    """of pieces, groups, classes and positions, as in ``Tables``"""

    @classmethod
    def of(cls, scene: Scene, box: Box) -> _Units:
        pieces = chosen_pieces(scene.order, box)
        class_starts = [starts_of(own[at]) for own, at in zip(scene.grouping.classes, pieces, strict=True)]
        group_starts = [
            _cut(starts_of(own[at]), len(at)) for own, at in zip(scene.grouping.groups, pieces, strict=True)
        ]
        piece_ptr = _ends(map(len, pieces))
        group_first = [at + first for at, first in zip(group_starts, piece_ptr.tolist(), strict=False)]
        class_first = [at + first for at, first in zip(class_starts, piece_ptr.tolist(), strict=False)]
        group_ptr = np.append(np.concatenate(group_first), piece_ptr[-1])
        class_ptr = np.searchsorted(group_ptr, np.append(np.concatenate(class_first), piece_ptr[-1]))
        return cls(
            pieces,
            tuple(own[at] for own, at in zip(pieces, group_starts, strict=True)),
            tuple(own[at] for own, at in zip(pieces, class_starts, strict=True)),
            tuple(_places(at, np.arange(len(own))) for at, own in zip(group_starts, pieces, strict=True)),
            tuple(_places(at, inner) for at, inner in zip(class_starts, group_starts, strict=True)),
            (piece_ptr, group_ptr, class_ptr.astype(np.int64), _ends(map(len, class_starts))),
        )


class _Axis(NamedTuple):
    """What tells rows of a sight apart."""

    position: int
    kinds: Ints
    """[units of the position]: UNSEEN where there are no rows"""
    size: int


class _Sight(NamedTuple):
    begin: int
    """of its rows in the arena: all its kinds beside all kinds of those that it sees"""
    axes: tuple[_Axis, ...]
    """the own one, and those of the positions that are seen"""

    @property
    def n_rows(self) -> int:
        return prod(axis.size for axis in self.axes)

    def closed(self, position: int, class_of: Ints, weight: F32, arena: Arena) -> _Sight:
        """With the best of each class of that position, whichever of its groups is asked."""
        for at, axis in enumerate(self.axes):
            if axis.position == position and class_of[-1] + 1 < len(class_of):
                joined = self.joined(at, class_of, weight, arena)
                again = joined.axes[at]._replace(kinds=class_of)
                return _Sight(joined.begin, (*joined.axes[:at], again, *joined.axes[at + 1 :]))
        return self

    def joined(self, at: int, joint_of: Ints, weight: F32, arena: Arena) -> _Sight:
        """With the best, in every channel, of the units of an axis that are joined, whose units these are now."""
        n = int(joint_of.max(initial=UNSEEN)) + 1
        sizes = [axis.size for axis in self.axes]
        outer, inner = prod(sizes[:at]), prod(sizes[at + 1 :])
        pairs = np.unique(np.stack([joint_of, self.axes[at].kinds]), axis=1)
        axis = _Axis(self.axes[at].position, np.arange(n), n)
        joined = _Sight(arena.new(outer * n * inner), (*self.axes[:at], axis, *self.axes[at + 1 :]))
        rows = arena.rows(self.begin, self.n_rows)
        kernels.crown(rows, outer, sizes[at], inner, pairs, weight, arena.rows(joined.begin, joined.n_rows))
        return joined


def _seen(
    terms: SheetTerms, position: int, at: int, units: Sequence[Ints], beside: Sequence[Ints], arena: Arena
) -> _Sight:
    """A sight with its terms; units and what stands beside them are known by a piece of each."""
    sight = terms.views[position].sights[at]
    own = sight.own[units[position]]
    kinds, places = np.unique(own[own >= 0], return_inverse=True)
    numbers = np.full(len(own), UNSEEN, np.int64)
    numbers[own >= 0] = places.ravel()
    axes, values = [_Axis(position, numbers, len(kinds))], [kinds]
    seen = terms.seen(sight)
    for other in seen:
        near, places = np.unique(terms.views[other].near(sight.reach)[beside[other]], return_inverse=True)
        axes.append(_Axis(other, places.ravel(), len(near)))
        values.append(near)
    grid = [part.ravel() for part in np.meshgrid(*values, indexing="ij")]
    made = _Sight(arena.new(len(grid[0])), tuple(axes))
    rows = arena.rows(made.begin, made.n_rows)[:, : arena.width]
    terms.fill_terms(position, at, grid[0], dict(zip(seen, grid[1:], strict=True)), rows)
    return made


def _sights(of_positions: Sequence[Sequence[_Sight]], units: Sequence[Ints], beside: Sequence[Ints]) -> Sights:
    """Those of each position, as the kernels take them."""
    unit_ptr, beside_ptr = _ends(map(len, units)), _ends(map(len, beside))
    own, own_at, near = [np.zeros(0, np.int64)], [], []
    n_own = 0
    for position, sights in enumerate(of_positions):
        for sight in sights:
            (_, kinds, size), *others = sight.axes
            stride = sight.n_rows // max(size, 1)
            own.append(np.where(kinds >= 0, sight.begin + kinds * stride, UNSEEN))
            own_at.append(n_own - unit_ptr[position])
            n_own += len(kinds)
            row = np.zeros(beside_ptr[-1], np.int64)
            for axis in others:
                stride //= axis.size
                row[beside_ptr[axis.position] : beside_ptr[axis.position + 1]] = axis.kinds * stride
            near.append(row)
    return Sights(
        _ends(map(len, of_positions)),
        np.concatenate(own),
        np.array(own_at, np.int64),
        np.array(near, np.int64).reshape(len(near), beside_ptr[-1]),
    )


def _lanes(width: int) -> int:
    return -(-width // _LANES) * _LANES


def _filled_up(rows: F32) -> F32:
    """[n, width] with zeros up to a multiple of lanes."""
    wider = np.zeros((len(rows), _lanes(rows.shape[1])), np.float32)
    wider[:, : rows.shape[1]] = rows
    return wider


def _ends(lengths: Iterable[int]) -> Ints:
    """[n + 1]: where parts of these lengths begin, and the end."""
    return np.cumsum([0, *lengths]).astype(np.int64)


def _cut(starts: Ints, stop: int) -> Ints:
    """With further ones, so that no more than MOST_PIECES lie between two."""
    parts = [np.arange(a, b, MOST_PIECES) for a, b in itertools.pairwise([*starts.tolist(), stop])]
    return np.concatenate([*parts, np.zeros(0, np.int64)]).astype(np.int64)


def _places(starts: Ints, at: Ints) -> Ints:
    """Between which starts they lie."""
    return np.searchsorted(starts, at, side="right") - 1
