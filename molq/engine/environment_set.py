"""Which environments of atoms a set of molecules holds, in ten bits each.

The environment of radius r of an atom is what r steps of message passing can see of it: its descriptor, and the bonds
and environments of radius r − 1 around it. A set keeps of the hash of each its place among 256·n slots: one in 256 of
those that are not in the set is taken for one that is, and none the other way round. Places are written as Elias (1974)
and Fano (1971) do: the low 8 bits as they are, the high bits as gaps in unary.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs
from molq.engine import fingerprint_kernels as kernels
from molq.engine.scratch import Scratch
from molq.engine.walk import walk_over
from molq.errors import InputError

Hashes = NDArray[np.uint64]
MAX_ENVIRONMENTS = 1 << 16
"""of a set; beyond, those that are met most often are held"""
SLOTS = 256
"""for each environment; one in so many that are not held is taken for one that is"""


def atom_environments(graphs: PackedGraphs, radius: int) -> Hashes:
    """A hash [N] of the environment of each atom: the first half of the fingerprint that tells environments apart."""
    scratch = Scratch()
    walk = walk_over(graphs, scratch)
    own, wider = np.empty((2, len(walk.atoms), 2), np.uint64)
    fed = np.empty((len(walk.in_edge), 2), np.uint64)
    kernels.atom_fingerprints(walk.atoms, own)
    for _ in range(radius):
        kernels.pair_fingerprints(own, walk.bonds, walk.ends, fed)
        kernels.centre_fingerprints(walk.in_ptr, walk.in_edge, own, fed, wider)
        own, wider = wider, own
    return own[:, 0].copy()


class EnvironmentSet(NamedTuple):
    """n environments, by the slots they take."""

    n: int
    slots: NDArray[np.uint64]
    """[m] ascending, below SLOTS·n; m is n, less those that share one"""

    def holds(self, environments: Hashes) -> NDArray[np.bool_]:
        """[N] whether the set holds each; one in SLOTS of those that it does not hold is said to be held."""
        if not len(self.slots):
            return np.zeros(len(environments), bool)
        wanted = _slots(environments, self.n)
        at = np.minimum(np.searchsorted(self.slots, wanted), len(self.slots) - 1)
        found: NDArray[np.bool_] = self.slots[at] == wanted
        return found

    def to_bytes(self) -> bytes:
        """The low 8 bits of every slot, then the high ones in unary."""
        high = (self.slots >> np.uint64(8)).astype(np.int64)
        unary = np.zeros(self.n + len(self.slots), np.uint8)
        unary[high + np.arange(len(high))] = 1
        return self.slots.astype(np.uint8).tobytes() + np.packbits(unary).tobytes()


def environment_set(environments: Hashes) -> EnvironmentSet:
    """The set of these, which may stand there many times."""
    distinct, counts = np.unique(environments, return_counts=True)
    if len(distinct) > MAX_ENVIRONMENTS:
        distinct = distinct[np.argsort(-counts, kind="stable")[:MAX_ENVIRONMENTS]]
    return EnvironmentSet(len(distinct), np.unique(_slots(distinct, len(distinct))))


def environment_set_from(data: bytes, n: int, n_slots: int) -> EnvironmentSet:
    """The set of n environments in ``n_slots`` slots that ``to_bytes`` wrote. Raises InputError for other bytes."""
    if not 0 <= n_slots <= n <= MAX_ENVIRONMENTS or len(data) != n_slots + (n + n_slots + 7) // 8:
        raise InputError(f"{len(data):,} bytes hold no set of {n:,} environments in {n_slots:,} slots")
    unary = np.flatnonzero(np.unpackbits(np.frombuffer(data, np.uint8, offset=n_slots)))
    low = np.frombuffer(data, np.uint8, n_slots).astype(np.uint64)
    high = (unary - np.arange(len(unary))).astype(np.uint64)
    if len(high) != n_slots:
        raise InputError(f"a set of {n:,} environments cannot be read: its bytes are no slots")
    slots = (high << np.uint64(8)) + low
    if n_slots and (int(slots[-1]) >= SLOTS * n or not (slots[1:] > slots[:-1]).all()):
        raise InputError(f"a set of {n:,} environments cannot be read: its slots are in no order")
    return EnvironmentSet(n, slots)


def _slots(environments: Hashes, n: int) -> NDArray[np.uint64]:
    """The slot of each among SLOTS·n, by its upper 32 bits; the lower ones tell table slots of the engine apart."""
    return ((environments >> np.uint64(32)) * np.uint64(SLOTS * n)) >> np.uint64(32)
