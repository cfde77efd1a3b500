"""Where a plain text may be cut: the first record at or after a byte, found without what lies before it where possible.

Every cut is a function of the file and the byte alone, so that neighbours who look for it find the same.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from molq.errors import InputError
from molq.records.chunk import MAX_RECORD_BYTES
from molq.records.layout import Layout
from molq.records.text.delimited import Dialect, delimited_spans
from molq.records.text.lines import MAX_BLANK_BYTES, line_ends

_BLOCK_BYTES = 1 << 20
_MARK = b"$$$$"


class Cuts:
    """The cuts of one text; what those before it have shown is not read again for another one."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._cuts: dict[int, int] = {}
        self._start = self._stop = 0
        """of bytes among which no quote stands"""

    def at(self, file: BinaryIO, byte: int, first: int, size: int) -> int:
        """The byte at which the records begin that start at ``byte`` or later; the first of all starts at ``first``.

        A line of unquoted text, and one of quoted text after which no quote stands in as many bytes as a record may
        have, begins after a line end. An SD record begins after a line of dollars that begins at ``byte`` or later.
        Elsewhere a line may stand in quotes, and the records before it are read, from the nearest cut that is known.
        """
        if byte not in self._cuts:
            known = max((cut for at, cut in self._cuts.items() if at < byte), default=first)
            self._cuts[byte] = self._found(file, byte, known, size)
        return self._cuts[byte]

    def _found(self, file: BinaryIO, byte: int, first: int, size: int) -> int:
        if byte <= first:
            return first
        if byte >= size:
            return size
        if self._layout.format == "sdf":
            return _after_mark(file, byte, size)
        if self._layout.format == "delimited" and self._layout.quoted and self._holds_quote(file, byte):
            return _after_records(file, byte, first, size, Dialect(self._layout.delimiter, True))
        return _after_line(file, byte, size)

    def _holds_quote(self, file: BinaryIO, byte: int) -> bool:
        if not self._start <= byte <= self._stop:
            self._start = self._stop = byte
        file.seek(self._stop)
        while (left := byte + MAX_RECORD_BYTES - self._stop) > 0 and (block := file.read(min(left, _BLOCK_BYTES))):
            if b'"' in block:
                return True
            self._stop += len(block)
        return False


def _after_line(file: BinaryIO, byte: int, size: int) -> int:
    file.seek(byte - 1)
    data, at = b"", byte - 1
    while block := file.read(_BLOCK_BYTES):
        data += block
        ends = line_ends(data, False)
        if len(ends):
            return at + int(ends[0])
        if len(data) > MAX_RECORD_BYTES + _BLOCK_BYTES:  # who reads the record before refuses it
            return at + len(data)
    return size


def _after_mark(file: BinaryIO, byte: int, size: int) -> int:
    file.seek(byte - 1)
    data, at = b"", byte - 1
    while block := file.read(_BLOCK_BYTES):
        data += block
        ends = line_ends(data, False)
        mark = _line_of_dollars(data)
        if mark is not None and len(ends) and ends[-1] > mark:
            return at + int(ends[np.searchsorted(ends, mark, side="right")])
        if mark is None:
            done = max(len(data) - len(_MARK) - 1, 0)
            data, at = data[done:], at + done
    return size


def _line_of_dollars(data: bytes) -> int | None:
    """Where the first one begins; not at 0, before which something may stand."""
    place = data.find(_MARK, 1)
    while place >= 0 and data[place - 1] not in b"\r\n":
        place = data.find(_MARK, place + 1)
    return place if place >= 0 else None


def _after_records(file: BinaryIO, byte: int, first: int, size: int, dialect: Dialect) -> int:
    file.seek(first)
    data, at = b"", first
    while block := file.read(_BLOCK_BYTES):
        data += block
        spans = delimited_spans(data, dialect, False)
        if not len(spans.stops):
            if len(data) > MAX_RECORD_BYTES + MAX_BLANK_BYTES:
                raise InputError(f"a record after byte {at:,} does not end; is a quote astray?")
            continue
        ends = np.union1d(spans.starts, spans.stops)
        place = int(np.searchsorted(ends, byte - at))
        if place < len(ends):
            return at + int(ends[place])
        data, at = data[int(ends[-1]) :], at + int(ends[-1])
    return size
