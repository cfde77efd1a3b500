"""A remote object as a file: bytes read at random, with a look ahead where they are read in order."""

from __future__ import annotations

import io
import os
from collections import deque
from typing import Any

from molq.remote.opened import ranges_of
from molq.remote.ranges import ObjectState, Ranges

_LEAST_BYTES = 1 << 16
_MOST_BYTES = 8 << 20
"""asked for at once where bytes are read in order; the pause before an answer is then little of the whole"""
_KEPT_BYTES = 32 << 20
"""of what was read last; a table is asked for its first row and then for all"""


class RemoteFile(io.RawIOBase):
    """Read only. Every read gives all the bytes that were asked for, or all that are left. OSErrors pass."""

    def __init__(self, url: str, ranges: Ranges | None = None) -> None:
        self.name = url
        self._ranges: Ranges = ranges or ranges_of(url)
        self._at = 0
        self._ahead = _LEAST_BYTES
        self._kept: deque[tuple[int, bytes]] = deque()

    @property
    def state(self) -> ObjectState:
        """As it was when the file was opened."""
        return self._ranges.state

    def close(self) -> None:
        if not self.closed:
            self._ranges.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.state.size_bytes}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        left = max(self.state.size_bytes - self._at, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        parts: list[bytes] = []
        while wanted:
            part = self._some(wanted)
            parts.append(part)
            self._at += len(part)
            wanted -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _some(self, wanted: int) -> bytes:
        """At least one and at most ``wanted`` bytes from where the file stands."""
        for start, data in self._kept:
            if start <= self._at < start + len(data):
                return data[self._at - start : self._at - start + wanted]
        follows = bool(self._kept) and self._at == self._kept[-1][0] + len(self._kept[-1][1])
        self._ahead = min(2 * self._ahead, _MOST_BYTES) if follows else _LEAST_BYTES
        stop = min(self._at + max(wanted, self._ahead), self.state.size_bytes)
        data = self._ranges.fetch(self._at, stop)
        self._kept.append((self._at, data))
        while len(self._kept) > 1 and sum(len(data) for _, data in self._kept) > _KEPT_BYTES:
            self._kept.popleft()
        return data[:wanted]
