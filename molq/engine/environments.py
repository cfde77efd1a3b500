"""Environments of atoms and edges: what a network's states depend on, told apart once and for the whole library.

The state of a directed edge after t message steps is a function of its environment of radius t: the edge's own (atom,
bond) pair and the environments of radius t − 1 of the edges that feed it. Drug-like libraries hold few of them: 40,000
molecules of ZINC250k have 2 million edges, but only 8,400 distinct environments of radius 1. Networks compute each
environment once.

Environments are told apart by fingerprints of 128 bits (``fingerprint_kernels``). Only the largest ones are looked up
for every atom; smaller ones where a new one has to be computed from them. What feeds an environment is listed in an
order that its structure alone decides, so float sums over it have the same bits whatever was seen before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.engine import fingerprint_kernels as kernels
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary, Walk

Ints = NDArray[np.int32]
Fingerprints = NDArray[np.uint64]

_NOTHING = np.empty(0, np.int32)
_TILE = 256
"""environments computed at once: what lies between two products then stays in a core's own cache"""


class New(NamedTuple):
    """The m environments of a level that the batch at hand showed for the first time; the last numbers are theirs."""

    atom: Ints = _NOTHING
    """[m], row in the vocabulary of the atom, of an edge's source; nothing for bonds"""
    bond: NDArray[np.uint16] = np.empty(0, np.uint16)
    """[m], bond descriptor of a pair; nothing for other levels"""
    root: Ints = _NOTHING
    """[m], number of an edge's pair, or of an atom's environment one radius below; nothing for other levels"""
    ptr: Ints = np.zeros(1, np.int32)
    """[m + 1]"""
    children: Ints = _NOTHING
    """what feeds environment i, at ptr[i]:ptr[i + 1]: numbers one level below"""

    @property
    def n(self) -> int:
        return len(self.ptr) - 1

    def tiles(self) -> Iterator[tuple[slice, New]]:
        """A few environments at a time: their places among the new ones, and they alone."""
        for start in range(0, self.n, _TILE):
            at = slice(start, start + _TILE)
            ptr = self.ptr[start : start + _TILE + 1]
            yield at, New(self.atom[at], self.bond[at], self.root[at], ptr, self.children)


class Level:
    """The environments of one radius known so far, by number. Beyond ``capacity``, those that are rarely met go."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.n = 0
        self.new = New()
        self.epoch = 0
        """counts how often environments went, and the others got new numbers"""
        self.kept = _NOTHING
        """the old numbers of those that stayed at the last change of epoch, by new number"""
        self._known = np.empty((1024, 2), np.uint64)
        self._uses = np.empty(1024, np.uint8)
        self._slots = np.zeros(4096, np.int32)

    def begin(self) -> None:
        """Makes ready for a batch: nothing is new, and a full level lets the rare ones go."""
        self.new = New()
        if self.n <= self.capacity:
            return
        counts = np.bincount(self._uses[: self.n], minlength=256)
        at_least = self.n - np.concatenate([[0], np.cumsum(counts)])
        bar = int(np.argmax(at_least <= self.capacity // 2))
        self.kept = np.flatnonzero(self._uses[: self.n] >= bar).astype(np.int32)
        self.n, self.epoch = len(self.kept), self.epoch + 1
        self._known[: self.n] = self._known[self.kept]
        self._uses[: self.n] = self._uses[self.kept] // 2
        self._slots[:] = 0
        kernels.fill_slots(self._slots, self._known, self.n)

    def intern(self, fingerprints: Fingerprints, wanted: Ints) -> tuple[Ints, Ints]:
        """Numbers [m] of the environments at places ``wanted`` [m], and the places of those that are new."""
        self._reserve(len(wanted))
        numbers, places = np.empty(len(wanted), np.int32), np.empty(len(wanted), np.int32)
        before = self.n
        self.n = kernels.intern(fingerprints, wanted, self._slots, self._known, self._uses, self.n, numbers, places)
        return numbers, places[: self.n - before]

    def _reserve(self, n_new: int) -> None:
        needed = self.n + n_new
        self._known = _grown(self._known, self.n, needed)
        self._uses = _grown(self._uses, self.n, needed)
        if 2 * needed > len(self._slots):
            self._slots = np.zeros(1 << (4 * needed).bit_length(), np.int32)
            kernels.fill_slots(self._slots, self._known, self.n)


class EdgeEnvironments:
    """Levels of edge environments of radius 0 (pairs) to ``depth`` − 1, and the atom environments on top of them.

    With undirected messages an edge sends on the mean of both ways along its bond: between two levels of edges stands
    one of bonds.
    """

    def __init__(self, vocabulary: Vocabulary, depth: int, undirected: bool, capacity: int) -> None:
        self.vocabulary = vocabulary
        shares = [capacity * 2**t // 2 ** (depth + 1) for t in range(depth)]
        self.edges = [Level(share) for share in shares]
        self.bonds = [Level(share) for share in shares[:-1]] if undirected else []
        self.atoms = Level(capacity // 2)

    @property
    def levels(self) -> list[Level]:
        """All of them."""
        return [*self.edges, *self.bonds, self.atoms]

    def number(self, walk: Walk, scratch: Scratch, atoms: Ints | None = None) -> Ints:
        """Number [N] of every atom's environment, or of these atoms'; what is new stands in ``new`` of every level."""
        wanted = np.arange(len(walk.atoms), dtype=np.int32) if atoms is None else atoms
        for level in self.levels:
            level.begin()
        own = _lend(scratch, "atoms", len(walk.atoms))
        kernels.atom_fingerprints(walk.atoms, own)
        edges, sent = self._edge_fingerprints(walk, own, scratch)
        centres = _lend(scratch, "centres", len(walk.atoms))
        kernels.centre_fingerprints(walk.in_ptr, walk.in_edge, own, edges[-1], centres)
        numbers, place = self.atoms.intern(centres, wanted)
        if len(place):
            self._enter(walk, place, edges, sent)
        return numbers

    def _edge_fingerprints(
        self, walk: Walk, atoms: Fingerprints, scratch: Scratch
    ) -> tuple[list[Fingerprints], list[Fingerprints]]:
        """Fingerprints [2B, 2] per radius: of the edges, and of what they send on to the next radius."""
        n_edges = len(walk.in_edge)
        pairs = _lend(scratch, "edges_0", n_edges)
        kernels.pair_fingerprints(atoms, walk.bonds, walk.ends, pairs)
        edges, sent = [pairs], []
        for t in range(1, len(self.edges)):
            if self.bonds:
                sent.append(_lend(scratch, f"bonds_{t - 1}", n_edges))
                kernels.bond_fingerprints(edges[-1], sent[-1])
            else:
                sent.append(edges[-1])
            edges.append(_lend(scratch, f"edges_{t}", n_edges))
            term = _lend(scratch, "term", n_edges)
            kernels.edge_fingerprints(walk.in_ptr, walk.in_edge, pairs, sent[-1], term, edges[-1])
        return edges, sent

    def _enter(self, walk: Walk, place: Ints, edges: list[Fingerprints], sent: list[Fingerprints]) -> None:
        """Says what is new, from the atoms at ``place`` down to the pairs."""
        above = self.atoms
        ptr, wanted = _edges_into(walk, place, np.full(len(place), -1, np.int32), edges[-1])
        above.new = New(self.vocabulary.rows(walk.atoms[place]), ptr=ptr)
        places = []
        for t in range(len(self.edges) - 1, 0, -1):
            numbers, place = self.edges[t].intern(edges[t], wanted)
            above.new = above.new._replace(children=numbers)
            above = self.edges[t]
            source = walk.source(place)
            ptr, wanted = _edges_into(walk, source, place ^ 1, sent[t - 1])
            above.new = New(self.vocabulary.rows(walk.atoms[source]), ptr=ptr)
            places.append(place)
            if self.bonds:
                numbers, place = self.bonds[t - 1].intern(sent[t - 1], wanted)
                above.new = above.new._replace(children=numbers)
                above = self.bonds[t - 1]
                above.new = New(ptr=np.arange(0, 2 * len(place) + 1, 2, dtype=np.int32))
                wanted = _both_ways(place, edges[t - 1])
        numbers, place = self.edges[0].intern(edges[0], np.concatenate([wanted, *places]))
        source = walk.source(place)
        ptr = np.zeros(len(place) + 1, np.int32)
        self.edges[0].new = New(self.vocabulary.rows(walk.atoms[source]), walk.bonds[place >> 1], ptr=ptr)
        above.new = above.new._replace(children=numbers[: len(wanted)])
        at = len(wanted)
        for level, place in zip(reversed(self.edges[1:]), places, strict=True):
            level.new = level.new._replace(root=numbers[at : at + len(place)])
            at += len(place)


class AtomEnvironments:
    """Levels of atom environments of radius 0 (the atom itself) to ``depth``.

    The root is the atom's own environment one radius below; what feeds it are its neighbours' with the bonds between,
    written as 256·number + bond descriptor.
    """

    def __init__(self, vocabulary: Vocabulary, depth: int, capacity: int) -> None:
        self.vocabulary = vocabulary
        self.levels = [Level(capacity * 2**t // 2 ** (depth + 1)) for t in range(depth + 1)]

    def number(self, walk: Walk, scratch: Scratch, atoms: Ints | None = None) -> Ints:
        """Number [N] of every atom's environment of the largest radius, or of these atoms'.

        What is new stands in ``new`` of every level.
        """
        wanted = np.arange(len(walk.atoms), dtype=np.int32) if atoms is None else atoms
        own = [_lend(scratch, "own_0", len(walk.atoms))]
        kernels.atom_fingerprints(walk.atoms, own[0])
        sent: list[Fingerprints] = []
        for t, level in enumerate(self.levels):
            level.begin()
            if t:
                sent.append(_lend(scratch, f"sent_{t}", len(walk.in_edge)))
                kernels.pair_fingerprints(own[-1], walk.bonds, walk.ends, sent[-1])
                own.append(_lend(scratch, f"own_{t}", len(walk.atoms)))
                kernels.centre_fingerprints(walk.in_ptr, walk.in_edge, own[-2], sent[-1], own[-1])
        numbers, place = self.levels[-1].intern(own[-1], wanted)
        if len(place):
            self._enter(walk, place, own, sent)
        return numbers

    def _enter(self, walk: Walk, place: Ints, own: list[Fingerprints], sent: list[Fingerprints]) -> None:
        """Says what is new, from the largest radius down."""
        for t in range(len(self.levels) - 1, 0, -1):
            ptr, edge = _edges_into(walk, place, np.full(len(place), -1, np.int32), sent[t - 1])
            wanted = np.concatenate([place, walk.source(edge)])
            numbers, below = self.levels[t - 1].intern(own[t - 1], wanted)
            root, fed = numbers[: len(place)], numbers[len(place) :]
            children = (256 * fed + walk.bonds[edge >> 1]).astype(np.int32)
            self.levels[t].new = New(self.vocabulary.rows(walk.atoms[place]), root=root, ptr=ptr, children=children)
            place = below
        self.levels[0].new = New(self.vocabulary.rows(walk.atoms[place]), ptr=np.zeros(len(place) + 1, np.int32))


def _edges_into(walk: Walk, centre: Ints, skipped: Ints, fingerprints: Fingerprints) -> tuple[Ints, Ints]:
    """ptr [m + 1] and the edges into atoms ``centre`` [m] but ``skipped`` [m], in the order of their fingerprints."""
    ptr = np.empty(len(centre) + 1, np.int32)
    degree = walk.in_ptr[centre + 1] - walk.in_ptr[centre]
    out = np.empty(int(degree.sum()), np.int32)
    kernels.edges_into(centre, skipped, walk.in_ptr, walk.in_edge, fingerprints, ptr, out)
    return ptr, out[: ptr[-1]]


def _both_ways(place: Ints, fingerprints: Fingerprints) -> Ints:
    """Edges ``place`` [m] and their reverses, pair by pair in the order of their fingerprints [2m]."""
    there, back = fingerprints[place], fingerprints[place ^ 1]
    is_turned = np.where(there[:, 0] == back[:, 0], there[:, 1] > back[:, 1], there[:, 0] > back[:, 0])
    first = np.where(is_turned, place ^ 1, place)
    return np.stack([first, first ^ 1], axis=1).ravel().astype(np.int32)


def _lend(scratch: Scratch, name: str, n: int) -> Fingerprints:
    lent: Fingerprints = scratch.lend(f"fingerprints_{name}", (n, 2), np.uint64)
    return lent


def _grown(array: NDArray[Any], used: int, needed: int) -> NDArray[Any]:
    if needed <= len(array):
        return array
    more = np.empty((2 * needed, *array.shape[1:]), array.dtype)
    more[:used] = array[:used]
    return more
