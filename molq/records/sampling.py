"""A large library represented by some of its rows: pieces drawn at random, none of the rest read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from molq.records.chunk import Chunk
from molq.records.reader import LibraryReader
from molq.records.shard import Shard

LARGE_BYTES = 512 << 20
"""a library of more is sampled where it can be"""
N_PIECES = 128
_SURPLUS = 1.25
"""rows that are read for each that is wanted: pieces of as many bytes hold unequal numbers of them"""
_FIRST_BYTES = 40_000
"""of the piece from which is told how many rows others will hold"""
_CHUNK_ROWS = 16_384


class Pieces(NamedTuple):
    """Some of the pieces of as many bytes into which a library is cut, each as likely as any other."""

    numbers: list[int]
    """of the pieces drawn, from 1, ascending"""
    of: int
    """pieces in all"""

    @property
    def share(self) -> float:
        """Of the library."""
        return len(self.numbers) / self.of


def is_sampled(reader: LibraryReader) -> bool:
    """Whether a library is so large that pieces stand for it, and such that pieces can be had."""
    return (reader.total_bytes or 0) > LARGE_BYTES and reader.is_cut_anywhere


def draw_pieces(reader: LibraryReader, n_rows: int, seed: int) -> Pieces:
    """The pieces that hold about ``n_rows`` rows and some to spare; no rows of others are looked at, but of one.

    A row belongs to the one piece that holds its first byte, or its share of a table's rows, and of every run of
    neighbouring pieces one is drawn: so every row is as likely as any other, wherever it stands and however long it is
    (stratified sampling of clusters; Cochran, Sampling Techniques, 1977, chapters 5 and 9).
    """
    dice = np.random.default_rng([seed, reader.total_bytes or 0])
    n_bytes = max(reader.total_bytes or 0, 1)
    fine = max(n_bytes // _FIRST_BYTES, 1)
    found = sum(chunk.n_rows for chunk in reader.chunks_of(Shard(int(dice.integers(fine)) + 1, fine), _CHUNK_ROWS))
    wanted_per_piece = _SURPLUS * n_rows / N_PIECES
    per_run = max(int(fine * found / wanted_per_piece) // N_PIECES, 1)
    return Pieces([run * per_run + int(dice.integers(per_run)) + 1 for run in range(N_PIECES)], N_PIECES * per_run)


def chunks_of_pieces(reader: LibraryReader, pieces: Pieces) -> Iterator[Chunk]:
    """The rows of the pieces, in the order of the library."""
    for number in pieces.numbers:
        yield from reader.chunks_of(Shard(number, pieces.of), _CHUNK_ROWS)
