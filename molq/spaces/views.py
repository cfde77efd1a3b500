"""What the atoms of a sheet's pieces can see of each other, and which pieces look the same from where others stand.

A state after message passing depends on what lies within ``radius`` bonds. Atoms of a piece that see as far into each
partner are one *sight*. What they see of a partner is its near class: the fingerprint, of so small a radius, of the
atoms where it is joined. What they see of their own piece is their fingerprint of the full radius, open at its ports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, concat, no_extras
from molq.engine import fingerprint_kernels as kernels
from molq.engine.scratch import Scratch
from molq.engine.walk import walk_over
from molq.spaces.pieces import Piece
from molq.spaces.sheets import Sheet

Ints = NDArray[np.int64]
UNSEEN = -1
_PORT_SHIFT = 48
"""descriptors of atoms leave the bits above free; there stands which joins an atom is a port of"""


class Sight(NamedTuple):
    """Atoms of a position that see as far into each other position, grouped by piece."""

    reach: tuple[int, ...]
    """per port, two for each join, how many bonds beyond it are seen; UNSEEN for none, and for the own ports"""
    atoms: Ints
    """[T] of the position's graphs"""
    ptr: Ints
    """[n pieces + 1]"""
    own: Ints
    """[n pieces]: the class of what they are, UNSEEN where the piece has no such atoms"""
    first: Ints
    """[n classes]: a piece of each"""


@dataclass(frozen=True)
class View:
    """The pieces of one position."""

    graphs: PackedGraphs
    """a graph for each piece"""
    ports: Ints
    """[n pieces, joins]: atom of the piece, UNSEEN at joins of other positions"""
    distance: Ints
    """[N, joins]: bonds to each port, within the piece; one more than the radius for all that are farther"""
    sights: tuple[Sight, ...]
    own_ports: tuple[int, ...]
    """2·join + side"""
    radius: int
    levels: tuple[NDArray[np.uint64], ...]
    """per radius: fingerprints [n pieces, own ports, 2]"""
    known: dict[tuple[int, ...], Ints]
    """near classes that were asked for"""

    def near(self, reach: Sequence[int]) -> Ints:
        """[n pieces]: the near class, as far as is seen beyond each port, own or not."""
        own = tuple(reach[port] for port in self.own_ports)
        if own not in self.known:
            seen = [self.levels[r][:, i] for i, r in enumerate(own) if r > UNSEEN]
            self.known[own] = _classes(np.concatenate([*seen, np.zeros((self.n_pieces, 0), np.uint64)], axis=1))
        return self.known[own]

    def farthest(self, reach: Sequence[int]) -> int:
        """The most bonds that are seen beyond its ports."""
        return max((reach[port] for port in self.own_ports), default=UNSEEN)

    @property
    def widest(self) -> Ints:
        """[n pieces]: the near class of the largest reach that there is."""
        return self.near([self.radius - 1] * (2 * self.ports.shape[1]))

    @property
    def nested(self) -> list[Ints]:
        """Near classes by reach, each a part of those before it."""
        return [self.near([reach] * (2 * self.ports.shape[1])) for reach in range(self.radius)]

    @property
    def n_pieces(self) -> int:
        return self.graphs.n_mols

    @property
    def n_atoms(self) -> Ints:
        """[n pieces]"""
        return np.diff(self.graphs.atom_ptr).astype(np.int64)


def views_of(sheet: Sheet, radius: int) -> tuple[View, ...]:
    """A view of each position, for networks whose states depend on so many bonds."""
    found = [_surroundings(own, len(sheet.joins), radius) for own in sheet.pieces]
    steps = _steps_between_ports(sheet, found, radius)
    views = []
    for position, one in enumerate(found):
        own = tuple(_own_ports(sheet, position))
        reach = _reaches(own, one.distance, steps, radius)
        sights = tuple(_sights(one, reach))
        at = [one.ports[:, port // 2] + one.graphs.atom_ptr[:-1] for port in own]
        nothing = np.zeros((len(one.ports), 0, 2), np.uint64)
        levels = tuple(np.stack([lv[atoms] for atoms in at], axis=1) if at else nothing for lv in one.levels)
        views.append(View(one.graphs, one.ports, one.distance, sights, own, radius, levels, {}))
    return tuple(views)


class _Surroundings(NamedTuple):
    graphs: PackedGraphs
    ports: Ints
    distance: Ints
    levels: list[NDArray[np.uint64]]
    """per radius: fingerprints [N, 2]"""


def _surroundings(pieces: tuple[Piece, ...], n_joins: int, radius: int) -> _Surroundings:
    graphs = concat([_graph(piece) for piece in pieces])
    ports = np.array([piece.ports for piece in pieces], np.int64).reshape(len(pieces), n_joins)
    at = np.where(ports >= 0, ports + graphs.atom_ptr[:-1, None], UNSEEN)
    levels = _fingerprints(graphs, at, radius)
    return _Surroundings(graphs, ports, _distances(graphs, at, radius), levels)


def _graph(piece: Piece) -> PackedGraphs:
    n_atoms, n_bonds = np.array([0, len(piece.atoms)], np.int32), np.array([0, len(piece.bonds)], np.int32)
    return PackedGraphs(piece.atoms, piece.bonds, piece.ends, n_atoms, n_bonds, no_extras(1))


def _fingerprints(graphs: PackedGraphs, ports: Ints, radius: int) -> list[NDArray[np.uint64]]:
    """[N, 2] per radius, of atoms that know which ports they are."""
    marked = graphs.atoms.copy()
    for slot in range(ports.shape[1]):
        at = ports[ports[:, slot] >= 0, slot]
        marked[at] |= np.uint64(1 << (_PORT_SHIFT + slot))
    walk = walk_over(graphs, Scratch())
    levels = [np.empty((len(marked), 2), np.uint64)]
    sent = np.empty((2 * len(graphs.bonds), 2), np.uint64)
    kernels.atom_fingerprints(marked, levels[0])
    for _ in range(radius):
        kernels.pair_fingerprints(levels[-1], walk.bonds, walk.ends, sent)
        levels.append(np.empty_like(levels[0]))
        kernels.centre_fingerprints(walk.in_ptr, walk.in_edge, levels[-2], sent, levels[-1])
    return levels


def _classes(rows: NDArray[np.generic]) -> Ints:
    """[n]: a number for each distinct row."""
    if not rows.shape[1]:
        return np.zeros(len(rows), np.int64)
    found = np.unique(rows, axis=0, return_inverse=True)[1]
    return np.asarray(found, np.int64).ravel()


def _distances(graphs: PackedGraphs, ports: Ints, radius: int) -> Ints:
    """[N, joins]"""
    found = np.full((len(graphs.atoms), ports.shape[1]), radius + 1, np.int64)
    for slot in range(ports.shape[1]):
        found[ports[ports[:, slot] >= 0, slot], slot] = 0
    for _ in range(radius):
        spread(found, graphs)
    return found


def spread(distance: Ints, graphs: PackedGraphs) -> None:
    """distance [N, k] ← at most one more than that of a neighbour."""
    u, v = graphs.ends[:, 0], graphs.ends[:, 1]
    before = distance.copy()
    np.minimum.at(distance, u, before[v] + 1)
    np.minimum.at(distance, v, before[u] + 1)


def _steps_between_ports(sheet: Sheet, found: list[_Surroundings], radius: int) -> Ints:
    """[2·joins, 2·joins]: the fewest bonds between any two ports of products; 2·slot + side is a port."""
    n = 2 * len(sheet.joins)
    steps = np.full((n, n), radius + 1, np.int64)
    np.fill_diagonal(steps, 0)
    for slot in range(len(sheet.joins)):
        steps[2 * slot, 2 * slot + 1] = steps[2 * slot + 1, 2 * slot] = 1
    for position, one in enumerate(found):
        own = _own_ports(sheet, position)
        at = one.ports + one.graphs.atom_ptr[:-1, None]
        for a in own:
            for b in own:
                if a != b:
                    steps[a, b] = min(steps[a, b], int(one.distance[at[:, a // 2], b // 2].min()))
    for middle in range(n):
        steps = np.minimum(steps, steps[:, middle, None] + steps[None, middle])
    return steps


def _own_ports(sheet: Sheet, position: int) -> list[int]:
    return [
        2 * slot + side
        for slot, join in enumerate(sheet.joins)
        for side, owner in enumerate(join.positions)
        if owner == position
    ]


def _reaches(own: Sequence[int], distance: Ints, steps: Ints, radius: int) -> Ints:
    """[N, ports]: how far each atom sees beyond ports of other positions."""
    reach = np.full((len(distance), len(steps)), UNSEEN, np.int64)
    for stop in range(len(steps)):
        if stop not in own:
            for start in own:
                left = radius - distance[:, start // 2] - steps[start, stop]
                reach[:, stop] = np.maximum(reach[:, stop], left)
    return reach


def _sights(one: _Surroundings, reach: Ints) -> list[Sight]:
    piece = np.repeat(np.arange(one.graphs.n_mols), np.diff(one.graphs.atom_ptr))
    found = []
    for seen in np.unique(reach, axis=0):
        atoms = np.flatnonzero((reach == seen).all(axis=1))
        ptr = np.searchsorted(piece[atoms], np.arange(one.graphs.n_mols + 1))
        total = np.zeros((one.graphs.n_mols, 3), np.uint64)
        scrambled = np.empty((len(atoms), 2), np.uint64)
        kernels.pair_fingerprints(
            one.levels[-1][atoms],
            np.zeros(len(atoms), np.uint16),
            np.repeat(np.arange(len(atoms))[:, None], 2, 1).astype(np.int32),
            both := np.empty((2 * len(atoms), 2), np.uint64),
        )
        scrambled[:] = both[::2]
        for stream in range(2):
            np.add.at(total[:, stream], piece[atoms], scrambled[:, stream])
        total[:, 2] = np.diff(ptr)
        has = np.flatnonzero(total[:, 2])
        own = np.full(one.graphs.n_mols, UNSEEN, np.int64)
        _, first, inverse = np.unique(total[has], axis=0, return_index=True, return_inverse=True)
        own[has] = inverse.ravel()
        found.append(Sight(tuple(seen.tolist()), atoms, ptr.astype(np.int64), own, has[first]))
    return found
