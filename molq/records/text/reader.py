"""A text source cut into chunks of whole records; every byte is accounted for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from molq.errors import InputError
from molq.records.chunk import MAX_CHUNK_BYTES, MAX_RECORD_BYTES
from molq.records.input.kind import kind_of
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream
from molq.records.layout import Layout
from molq.records.shard import FilePart
from molq.records.text.cuts import Cuts
from molq.records.text.delimited import Dialect, delimited_spans
from molq.records.text.lines import BLANKS, MAX_BLANK_BYTES, Spans, line_ends, line_spans
from molq.records.text.look import Look
from molq.records.text.sdf import sdf_spans

_BLOCK_BYTES = 1 << 20
_ALL_ROWS = 1 << 62


def spans_of(layout: Layout) -> Callable[[bytes, bool], Spans]:
    """How records of this layout are cut: text, and whether it is the last, to the records that are complete."""
    if layout.format == "sdf":
        return sdf_spans
    if layout.format == "spaced":
        return lambda data, final: line_spans(data, final, layout.delimiter.encode())
    return lambda data, final: delimited_spans(data, Dialect(layout.delimiter, layout.quoted), final)


class TextReader:
    """Records of a text source, as they stand in the file. Raises InputError when they cannot be cut."""

    def __init__(self, source: Source, look: Look, stream: ByteStream) -> None:
        self.layout, self.notes, self.example = look.layout, look.notes, look.example
        self.stated_rows: int | None = None
        self._source, self._look, self._start = source, look, look.start
        self._part: FilePart | None = None
        """that is read, None for all"""
        self._first_byte = 0
        self._rows_left = _ALL_ROWS
        self._is_cut_by_bytes = stream.is_plain and source.data is None
        self._cuts = Cuts(look.layout)
        """known to all copies of the reader"""
        self._spans_of = spans_of(look.layout)
        self._hash = hashlib.sha256() if source.is_stream else None
        self._hash_ahead: hashlib._Hash | None = None
        """with the blank lines that were let go since the last record"""
        self._stream: ByteStream | None = stream
        self._is_plain = stream.compression is None and look.layout.format != "sdf"
        if not source.is_stream:
            self.close()
        self._data, self._at, self._final = b"", 0, False
        self._starts = self._stops = np.zeros(0, np.int64)
        self._next = 0
        """record of ``_data`` that is given out next"""
        self._n_blank = 0
        """bytes of blank lines let go since the last record"""
        self._begun = False

    def state_lines(self, n_lines: int) -> None:
        """Tell how many lines the file has, from which its rows are estimated."""
        if self._is_plain and self._part is None:
            self.stated_rows = n_lines - (self.layout.header is not None)

    def keep(self, part: FilePart) -> str | None:
        """Read a part of the file alone.

        Plain text is read from where the part begins. Rows of what has to be unpacked or decoded are counted first, and
        those before the part are passed over.
        """
        if part.is_whole:
            return None
        self._part, self.stated_rows = part, 0 if part.is_empty else None
        if self._is_cut_by_bytes or part.is_empty:
            return None
        return f"{self._source.name} is read from its beginning for every shard; unpacked, or as Parquet, it can be cut"

    def take(self, n_rows: int) -> tuple[bytes, int]:
        """At most ``n_rows`` records, of MAX_CHUNK_BYTES or one, and how many they are; none at the end."""
        if self._part is not None and self._part.is_empty:
            return b"", 0
        if not self._begun:
            self._begin()
        n_rows = min(n_rows, self._rows_left)
        if n_rows == 0:
            return b"", 0
        while self._next >= len(self._stops):
            if self._final:
                self._settle()
                return b"", 0
            self._read_on()
        fitting = int(np.searchsorted(self._stops, self._at + MAX_CHUNK_BYTES, side="right"))
        last = min(self._next + n_rows, max(fitting, self._next + 1), len(self._stops))
        stop = int(self._stops[last - 1])
        body, taken = self._data[self._at : stop], last - self._next
        self._at, self._next = stop, last
        self._rows_left -= taken
        if self._hash is not None:
            self._hash, self._hash_ahead = self._hash_ahead or self._hash, None
            self._hash.update(body)
        return body, taken

    def skip(self, n_rows: int) -> int:
        """Pass over ``n_rows`` records, or as many as there are."""
        skipped = 0
        while skipped < n_rows:
            _, taken = self.take(n_rows - skipped)
            if taken == 0:
                break
            skipped += taken
        return skipped

    @property
    def position(self) -> int:
        """Bytes of the file itself that have been read."""
        return self._stream.position if self._stream else 0

    def digest(self) -> str:
        """Hash of the records given out; "" for files."""
        return self._hash.hexdigest() if self._hash is not None else ""

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _begin(self) -> None:
        if self._stream is None:
            self._stream = ByteStream(self._source)
            kind_of(self._stream, self._source)
        self._begun = True
        if self._part is not None and self._is_cut_by_bytes:
            self._narrow(self._stream, self._part)
        else:
            left = self._start
            while left:
                left -= len(self._stream.read(min(left, _BLOCK_BYTES)))
        self._read_on()
        if self._part is not None and not self._is_cut_by_bytes:
            first, stop = self._part.of_rows(self._count())
            self.skip(first)
            self._rows_left = stop - first

    def _narrow(self, stream: ByteStream, part: FilePart) -> None:
        file, first = stream.seekable(), self._start + stream.n_mark_bytes
        try:
            self._first_byte, stop = (self._cuts.at(file, at, first, part.size) for at in (part.start, part.stop))
        except OSError as error:
            raise InputError(f"{self._source.name}: cannot be read: {error.strerror or error}") from error
        except InputError as error:
            raise InputError(f"{self._source.name}: {error}") from error
        stream.narrow(self._first_byte, stop)

    def _count(self) -> int:
        """The rows of the whole file."""
        stream = ByteStream(self._source)
        kind_of(stream, self._source)
        reader = TextReader(self._source, self._look, stream)
        try:
            return reader.skip(_ALL_ROWS)
        finally:
            reader.close()

    def _read_on(self) -> None:
        """Read a block more and cut it; what is left of the last one comes before it."""
        assert self._stream is not None
        block = self._stream.read(_BLOCK_BYTES)
        self._data, self._at, self._next = self._data[self._at :] + block, 0, 0
        self._final = not block
        spans = self._spans_of(self._data, self._final)
        self._stops = spans.stops
        if len(self._stops):
            self._n_blank = 0
        elif self.layout.format != "sdf":
            self._drop_blank_lines()
        rest = len(self._data) - int(self._stops[-1]) if len(self._stops) else len(self._data)
        if rest > MAX_RECORD_BYTES:
            self._refuse_long(int(self._stops[-1]) if len(self._stops) else 0)

    def _drop_blank_lines(self) -> None:
        """Of data that hold no whole record, let go of the blank lines at their head, but not of how many they were."""
        blank = len(self._data) - len(self._data.lstrip(BLANKS))
        ends = line_ends(self._data[:blank], False)
        n_bytes = int(ends[-1]) if len(ends) else 0
        dropped, self._data = self._data[:n_bytes], self._data[n_bytes:]
        self._n_blank += n_bytes
        if self._n_blank > MAX_BLANK_BYTES:
            raise InputError(f"{self._source.name}: more than {MAX_BLANK_BYTES >> 20} MiB of blank lines in a row")
        if self._hash is not None and dropped:
            self._hash_ahead = self._hash_ahead or self._hash.copy()
            self._hash_ahead.update(dropped)

    def _settle(self) -> None:
        """All has been read: what is left must be blank, or a quote was opened and never closed."""
        rest = self._data[self._at :]
        if rest.strip(BLANKS):
            self._refuse_long(self._at)

    def _refuse_long(self, at: int) -> None:
        """Says why the record at ``at`` does not end."""
        assert self._stream is not None
        name, rest = self._source.name, self._data[at:]
        blank = len(rest) - len(rest.lstrip(BLANKS))
        number = self._stream.n_lines - rest.count(b"\n") + rest[:blank].count(b"\n") + 1
        line = f"line {number}" + f" after byte {self._first_byte:,}" * (self._first_byte > 0)
        if self.layout.format == "sdf":
            raise InputError(f"{name}: a record is larger than {MAX_RECORD_BYTES >> 20} MiB; is this an SD file?")
        if len(line_ends(rest, False)) and self.layout.quoted:
            raise InputError(
                f"{name}: {line} opens a quoted field that is not closed;"
                " close it, or save the file as tab-separated text without quotes"
            )
        if len(rest) > MAX_RECORD_BYTES:
            raise InputError(f"{name}: {line} is longer than {MAX_RECORD_BYTES >> 20} MiB")
        raise InputError(f"{name}: {line} opens a quoted field that is not closed")
