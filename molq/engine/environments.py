"""Atom-centred environments: what a D-MPNN's state depends on, told apart once and for the whole library.

The state of a directed edge after t message steps is a function of its environment of radius t: the edge's own (atom,
bond) pair and the environments of radius t − 1 of the edges that feed it. Drug-like libraries hold few of them: 40,000
molecules of ZINC250k have 2 million edges, but only 8,400 distinct environments of radius 1. Every environment
gets a number at first sight; networks then compute each numbered environment once.

Environments are told apart by their content, never by a hash alone. Feeding environments are listed in the order of a
hash of their structure, so float sums over them have the same bits whatever was seen before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.engine import walk_kernels
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary, Walk


class Level:
    """The environments of one radius seen so far: for number i, a root row and the numbers that feed it."""

    def __init__(self) -> None:
        self.epoch = 0
        """counts how often the level was emptied; numbers of different epochs have nothing in common"""
        self.clear()

    def clear(self) -> None:
        """Forget all environments."""
        self.epoch += 1
        self.n = 0
        self.root = np.empty(1024, np.int32)
        self.ptr = np.zeros(1025, np.int64)
        self.children = np.empty(4096, np.int32)
        self.hash = np.empty(1024, np.uint64)
        self._slots = np.zeros(4096, np.uint64)

    def reserve(self, n_new: int, n_children: int) -> None:
        """Make room for that many more environments and feeding numbers."""
        self.root = _grown(self.root, self.n, self.n + n_new)
        self.hash = _grown(self.hash, self.n, self.n + n_new)
        self.ptr = _grown(self.ptr, self.n + 1, self.n + 1 + n_new)
        used = int(self.ptr[self.n])
        self.children = _grown(self.children, used, used + n_children)
        if 2 * (self.n + n_new) > len(self._slots):
            size = 1 << (4 * (self.n + n_new)).bit_length()
            self._slots = np.zeros(size, np.uint64)
            walk_kernels.fill_slots(self._slots, self.hash, self.n)

    def intern_edges(self, walk: Walk, pair_hash: NDArray[np.uint64], below: Numbered, out: Numbered) -> None:
        """out [2B] ← every edge's environment, from those of the edges that feed it."""
        degree = np.diff(walk.in_ptr).astype(np.int64)
        self.reserve(len(walk.pair), int((degree * (degree - 1)).sum()))
        self.n = walk_kernels.intern_edges(
            walk.in_ptr, walk.in_edge, walk.pair, pair_hash, *below,
            self._slots, self.n, self.root, self.ptr, self.children, self.hash, *out, _max(degree),
        )  # fmt: skip

    def intern_atoms(self, walk: Walk, roots: Numbered, children: Numbered, out: Numbered) -> None:
        """out [N] ← every atom's environment, from its root [N] and what stands at the edges into it [2B]."""
        self.reserve(len(walk.atom), len(walk.pair))
        self.n = walk_kernels.intern_atoms(
            walk.in_ptr, walk.in_edge, *roots, *children,
            self._slots, self.n, self.root, self.ptr, self.children, self.hash, *out, _max(np.diff(walk.in_ptr)),
        )  # fmt: skip


class Numbered(NamedTuple):
    """Number and structural hash of every edge [2B] or every atom [N] of a batch."""

    number: NDArray[np.int32]
    hash: NDArray[np.uint64]


class EdgeEnvironments:
    """Levels of edge environments of radius 1 to ``depth`` − 1, and the atom environments on top of them."""

    def __init__(self, vocabulary: Vocabulary, depth: int, capacity: int) -> None:
        self.vocabulary, self.capacity = vocabulary, capacity
        self.edges = [Level() for _ in range(depth - 1)]
        self.atoms = Level()

    def number(self, walk: Walk, scratch: Scratch) -> NDArray[np.int32]:
        """Number [N] of every atom's environment."""
        _empty_full_levels([*self.edges, self.atoms], self.capacity)
        pair_hash = self.vocabulary.pair_hash
        below = Numbered(walk.pair, pair_hash[walk.pair])
        for t, level in enumerate(self.edges, start=1):
            here = _lend(scratch, f"edge_{t}", len(walk.pair))
            level.intern_edges(walk, pair_hash, below, here)
            below = here
        out = _lend(scratch, "atom", len(walk.atom))
        self.atoms.intern_atoms(walk, Numbered(walk.atom, self.vocabulary.atom_hash[walk.atom]), below, out)
        return out.number.copy()


class AtomEnvironments:
    """Levels of atom environments of radius 1 to ``depth``.

    The root is the atom's own environment one radius below (at radius 0 its row in the vocabulary); what feeds it are
    its neighbours' with the bonds between, written as 256·number + bond descriptor.
    """

    def __init__(self, vocabulary: Vocabulary, depth: int, capacity: int) -> None:
        self.vocabulary, self.capacity = vocabulary, capacity
        self.levels = [Level() for _ in range(depth)]

    def number(self, walk: Walk, scratch: Scratch) -> NDArray[np.int32]:
        """Number [N] of every atom's environment of the largest radius."""
        _empty_full_levels(self.levels, self.capacity)
        below = Numbered(walk.atom, self.vocabulary.atom_hash[walk.atom])
        for t, level in enumerate(self.levels, start=1):
            children = _lend(scratch, "children", len(walk.pair))
            walk_kernels.neighbours_with_bonds(walk.ends, walk.bond, *below, *children)
            here = _lend(scratch, f"atom_{t % 2}", len(walk.atom))
            level.intern_atoms(walk, below, children, here)
            below = here
        return below.number.copy()


def _empty_full_levels(levels: list[Level], capacity: int) -> None:
    """Empty the first level that holds more than ``capacity`` environments, and those above it."""
    full = next((i for i, level in enumerate(levels) if level.n > capacity), len(levels))
    for level in levels[full:]:
        level.clear()


def _lend(scratch: Scratch, name: str, n: int) -> Numbered:
    return Numbered(scratch.lend(f"number_{name}", (n,), np.int32), scratch.lend(f"hash_{name}", (n,), np.uint64))


def _grown(array: NDArray[Any], used: int, needed: int) -> NDArray[Any]:
    if needed <= len(array):
        return array
    more = np.empty(2 * needed, array.dtype)
    more[:used] = array[:used]
    return more


def _max(degree: NDArray[np.integer]) -> int:
    return int(degree.max()) if len(degree) else 0
