"""Pieces: synthons as they look inside products, with the descriptors that their atoms have there."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS
from molq.chem.synthons.tracing import Traced

_CHIRAL, _STEREO = ATOM_FIELDS["chiral"], BOND_FIELDS["stereo"]
_ANY_CHIRAL = np.uint64(((1 << _CHIRAL.width) - 1) << _CHIRAL.shift)
_ANY_STEREO = np.uint16(((1 << _STEREO.width) - 1) << _STEREO.shift)
_TURNED = (1, 2)
"""tags of a tetrahedral atom; which one it has depends on the order of its neighbours in the SMILES"""
_SIDES = (2, 3)
"""Z and E; which one a double bond has depends on the ranks of its neighbours"""
MAX_TURNED = 4
"""atoms and bonds of a synthon with marks of stereo all of whose spellings are made"""


class Join(NamedTuple):
    """Where two positions meet: at connector ``number``."""

    number: int
    positions: tuple[int, int]


class Piece(NamedTuple):
    """One synthon of a position, with n atoms and b bonds of its own."""

    synthon: int
    """its place among the synthons of its position"""
    atoms: NDArray[np.uint64]
    """[n], descriptors"""
    bonds: NDArray[np.uint16]
    """[b], descriptors"""
    ends: NDArray[np.int32]
    """[b, 2]"""
    ports: NDArray[np.int32]
    """[joins of the reaction]: the atom where a join begins, −1 for joins of other positions"""

    @property
    def content(self) -> bytes:
        """The same for pieces that no network tells apart, but for spellings of stereo."""
        unturned = (self.atoms & ~_ANY_CHIRAL).tobytes(), (self.bonds & ~_ANY_STEREO).tobytes(), self.ends.tobytes()
        return b"|".join(unturned)

    @property
    def spelling(self) -> bytes:
        """Its marks of stereo."""
        return (self.atoms & _ANY_CHIRAL).tobytes() + (self.bonds & _ANY_STEREO).tobytes()

    def spellings(self, seen: Sequence[Piece]) -> list[Piece]:
        """Pieces with every choice of its marks of stereo; with more than MAX_TURNED those of the pieces ``seen``."""
        atoms = np.flatnonzero(np.isin((self.atoms & _ANY_CHIRAL) >> np.uint64(_CHIRAL.shift), _TURNED))
        bonds = np.flatnonzero(np.isin((self.bonds & _ANY_STEREO) >> np.uint16(_STEREO.shift), _SIDES))
        if len(atoms) + len(bonds) > MAX_TURNED:
            return list({one.spelling: one._replace(synthon=self.synthon) for one in (self, *seen)}.values())
        made = []
        choices = itertools.product(*[_TURNED] * len(atoms), *[_SIDES] * len(bonds))
        for marks in choices:
            own_atoms, own_bonds = self.atoms.copy(), self.bonds.copy()
            for at, mark in zip(atoms, marks, strict=False):
                own_atoms[at] = (own_atoms[at] & ~_ANY_CHIRAL) | np.uint64(mark << _CHIRAL.shift)
            for at, mark in zip(bonds, marks[len(atoms) :], strict=True):
                own_bonds[at] = (own_bonds[at] & ~_ANY_STEREO) | np.uint16(mark << _STEREO.shift)
            made.append(self._replace(atoms=own_atoms, bonds=own_bonds))
        return made


class Taken(NamedTuple):
    """A product taken apart: a piece of each position, and the descriptor of the bond of each join."""

    pieces: tuple[Piece, ...]
    joins: tuple[int, ...]

    def around(self, position: int) -> bytes:
        """What others see of the synthon of a position: how they look beside it, and the bonds of all joins."""
        others = [piece.content for at, piece in enumerate(self.pieces) if at != position]
        return b"#".join([*others, np.array(self.joins, np.int64).tobytes()])


def joins_of(ports: Sequence[dict[int, int]]) -> tuple[Join, ...]:
    """The joins of a reaction, from the connectors of one synthon of each position."""
    owners = Counter(number for found in ports for number in found)
    places = {number: [at for at, found in enumerate(ports) if number in found] for number in owners}
    return tuple(Join(number, (at[0], at[1])) for number, at in sorted(places.items()) if len(at) == 2)


def taken_apart(
    found: Traced, at: int, joins: Sequence[Join], ports: Sequence[dict[int, int]], synthons: Sequence[int]
) -> Taken:
    """Product ``at`` of those traced, whose synthons have these connectors and these places in their positions."""
    graphs, origins = found.graphs, found.origins[at]
    start, stop = graphs.atom_ptr[at], graphs.atom_ptr[at + 1]
    first, last = graphs.bond_ptr[at], graphs.bond_ptr[at + 1]
    atoms, bonds, ends = graphs.atoms[start:stop], graphs.bonds[first:last], graphs.ends[first:last] - start
    place = np.lexsort((origins.atom, origins.position))
    rank = np.empty(len(place), np.int64)
    rank[place] = np.arange(len(place))
    begins = np.searchsorted(origins.position[place], np.arange(len(ports) + 1))
    owner = origins.position[ends]
    local = np.sort(rank[ends] - begins[owner], axis=1)
    pieces, numbers = [], []
    for position, connectors in enumerate(ports):
        own = place[begins[position] : begins[position + 1]]
        mine = np.flatnonzero((owner == position).all(axis=1))
        order = mine[np.lexsort((local[mine, 1], local[mine, 0]))]
        places = {int(atom): at for at, atom in enumerate(origins.atom[own])}
        numbers.append(places)
        begun = [places[connectors[join.number]] if position in join.positions else -1 for join in joins]
        pieces.append(
            Piece(
                int(synthons[position]),
                atoms[own],
                bonds[order],
                local[order].astype(np.int32),
                np.array(begun, np.int32),
            )
        )
    codes = []
    for slot, join in enumerate(joins):
        met = [rank_at + begins[p] for p in join.positions for rank_at in [pieces[p].ports[slot]]]
        found_bonds = [
            int(code) for code, (u, v) in zip(bonds, rank[ends].tolist(), strict=True) if {u, v} == set(map(int, met))
        ]
        codes.append(found_bonds[0])
    return Taken(tuple(pieces), tuple(codes))
