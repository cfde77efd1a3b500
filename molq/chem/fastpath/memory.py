"""What RDKit said of ring systems: found by content, learnt once, shared by processes that are forked afterwards."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import weakref
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.fastpath.verdicts import jit

ENTRIES = 1 << 18
KEY_BYTES = 1 << 26
ANSWER_BYTES = 1 << 24
_SLOTS = 2 * ENTRIES
_LAYOUT: tuple[tuple[str, type[np.generic], int], ...] = (
    ("slots", np.int32, _SLOTS),
    ("hashes", np.uint64, ENTRIES),
    ("key_stop", np.int64, ENTRIES + 1),
    ("answer_stop", np.int64, ENTRIES + 1),
    ("keys", np.uint8, KEY_BYTES),
    ("answers", np.uint8, ANSWER_BYTES),
    ("n_entries", np.int64, 1),
)


class RingTable(NamedTuple):
    """Entry i has the key ``keys[key_stop[i]:key_stop[i + 1]]`` and an answer likewise; slots hold i + 1, 0 is free."""

    slots: NDArray[np.int32]
    hashes: NDArray[np.uint64]
    key_stop: NDArray[np.int64]
    answer_stop: NDArray[np.int64]
    keys: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    n_entries: NDArray[np.int64]


class Known(NamedTuple):
    """n entries as they are kept in a file; those of entry i stand at stop[i]:stop[i + 1]."""

    keys: NDArray[np.uint8]
    key_stop: NDArray[np.int64]
    answers: NDArray[np.uint8]
    answer_stop: NDArray[np.int64]
    examples: NDArray[np.uint8]
    """a SMILES for each entry, from which RDKit can be asked again"""
    example_stop: NDArray[np.int64]


class RingMemory:
    """A table that forked processes share. Readers need no lock: an entry is complete before a slot names it."""

    def __init__(self) -> None:
        sizes = [np.dtype(kind).itemsize * n for _, kind, n in _LAYOUT]
        self._memory = mmap.mmap(-1, sum(sizes))
        self._lock, path = tempfile.mkstemp()
        os.unlink(path)
        weakref.finalize(self, os.close, self._lock)
        starts = np.cumsum([0, *sizes])
        self.table = RingTable(
            *(np.frombuffer(self._memory, kind, n, start) for (_, kind, n), start in zip(_LAYOUT, starts, strict=False))
        )

    def take(self, known: Known) -> None:
        """Begins with what was learnt before. For a memory that is still empty."""
        table, n = self.table, len(known.key_stop) - 1
        table.keys[: known.key_stop[-1]], table.key_stop[: n + 1] = known.keys, known.key_stop
        table.answers[: known.answer_stop[-1]], table.answer_stop[: n + 1] = known.answers, known.answer_stop
        table.n_entries[0] = n
        enter_all(table, n)

    def __len__(self) -> int:
        return int(self.table.n_entries[0])

    def learn(self, key: NDArray[np.uint8], answer: NDArray[np.uint8]) -> bool:
        """Keeps an answer; False when the table is full. What another process has learnt meanwhile stays."""
        table = self.table
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            if look_up(table, key, len(key)) >= 0:
                return True
            i = int(table.n_entries[0])
            key_stop, answer_stop = int(table.key_stop[i]) + len(key), int(table.answer_stop[i]) + len(answer)
            if i + 1 >= ENTRIES or key_stop > KEY_BYTES or answer_stop > ANSWER_BYTES:
                return False
            table.keys[key_stop - len(key) : key_stop] = key
            table.answers[answer_stop - len(answer) : answer_stop] = answer
            table.key_stop[i + 1], table.answer_stop[i + 1] = key_stop, answer_stop
            table.hashes[i] = hash_key(key, len(key))
            table.n_entries[0] = i + 1
            table.slots[free_slot(table, table.hashes[i])] = i + 1
            return True
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)


@jit
def hash_key(key, length):
    """FNV-1a (Fowler, Noll, Vo), with a final mix; it finds the place, the content decides."""
    h = np.uint64(14695981039346656037)
    for i in range(length):
        h = (h ^ np.uint64(key[i])) * np.uint64(1099511628211)
    return h ^ (h >> np.uint64(29))


@jit
def enter_all(table, n):
    """Hashes and slots of entries 0 to n − 1 of a table without any."""
    for i in range(n):
        start, stop = table.key_stop[i], table.key_stop[i + 1]
        table.hashes[i] = hash_key(table.keys[start:stop], stop - start)
        table.slots[free_slot(table, table.hashes[i])] = i + 1


@jit
def free_slot(table, h):
    mask = np.uint64(len(table.slots) - 1)
    slot = h & mask
    while table.slots[slot] != 0:
        slot = (slot + np.uint64(1)) & mask
    return slot


@jit
def look_up(table, key, length):
    """The entry whose key has this content, -1 when there is none."""
    h = hash_key(key, length)
    mask = np.uint64(len(table.slots) - 1)
    slot = h & mask
    while table.slots[slot] != 0:
        i = table.slots[slot] - 1
        if table.hashes[i] == h and table.key_stop[i + 1] - table.key_stop[i] == length:
            start = table.key_stop[i]
            same = True
            for k in range(length):
                if table.keys[start + k] != key[k]:
                    same = False
                    break
            if same:
                return i
        slot = (slot + np.uint64(1)) & mask
    return -1
