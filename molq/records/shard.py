"""A numbered part of a library: which bytes of which file are its."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from molq.errors import InputError

MAX_SHARDS = 1_000_000
_TEXT = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*\Z")


class Shard(msgspec.Struct, frozen=True, order=True):
    """Shard ``number`` of ``count``, counted from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


class FilePart(NamedTuple):
    """Bytes of a file from ``start`` to ``stop`` of ``size``; a row is there when its first byte is."""

    start: int
    stop: int
    size: int
    shard_bytes: int
    """of the library in every shard"""

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.stop == self.size

    @property
    def is_empty(self) -> bool:
        return self.start == self.stop

    def of_rows(self, n_rows: int) -> tuple[int, int]:
        """The same share of so many rows: the first one, and the first that follows."""
        return n_rows * self.start // self.size, n_rows * self.stop // self.size


def read_shard(text: str) -> Shard:
    """The shard that ``3/200`` names. Raises InputError for what names none."""
    found = _TEXT.match(text)
    if found is None or len(found[1]) > len(str(MAX_SHARDS)) or len(found[2]) > len(str(MAX_SHARDS)):
        raise InputError(f"`shard` is {text[:40]!r}; it is a number and a count, such as 3/200, or auto")
    shard = Shard(int(found[1]), int(found[2]))
    if not 1 <= shard.count <= MAX_SHARDS or not 1 <= shard.number <= shard.count:
        raise InputError(
            f"`shard` is {text.strip()!r}; shards are numbered from 1 to their count, of which there are"
            f" {MAX_SHARDS:,} at most"
        )
    return shard


def parts_of(sizes: Sequence[int], shard: Shard) -> list[FilePart]:
    """What of each file is the shard's: all files laid end to end are cut into parts of as many bytes."""
    total = sum(sizes)
    start, stop = total * (shard.number - 1) // shard.count, total * shard.number // shard.count
    parts, before = [], 0
    for size in sizes:
        begin, end = (min(max(place - before, 0), size) for place in (start, stop))
        parts.append(FilePart(begin, end, size, total // shard.count))
        before += size
    return parts
