"""A source opened: its bytes plain and, where they are text, UTF-8 or what is near it."""

from __future__ import annotations

import codecs
import io
import sys
from typing import BinaryIO, cast

import numpy as np

from molq.errors import InputError
from molq.records.input.compression import DAMAGE, MAX_HELD_BYTES, compression_of, decompressed
from molq.records.input.pipe import opened_pipe
from molq.records.input.source import Source
from molq.remote.file import RemoteFile
from molq.remote.retrying import UNREADABLE

_BUFFER_BYTES = 1 << 18
_LINE_FEED = 10
_MAX_LAYERS = 3
"""compressions around each other, such as a .csv.gz in a .zip"""
_HEAD_BYTES = 4096


class ByteStream:
    """The decompressed bytes of a source, with a look ahead that takes nothing away.

    Raises InputError for a source that cannot be opened or read on, naming the line where text ends.
    """

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self._closes = source.is_pipe or not source.is_stream
        self._raw = opened(source)
        self._stream: BinaryIO = self._raw
        self._ahead = b""
        self._ended = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self.compression: str | None = None
        """the outermost"""
        self.n_lines = 0
        """lines read so far, by counting line feeds in all that was read"""
        self.n_mark_bytes = 0
        """of a byte order mark, that was dropped"""
        self._left: int | None = None
        """bytes of the raw stream that may still be read; None for all"""
        try:
            self._unwrap()
        except BaseException:
            self.close()
            raise

    def peek(self, n_bytes: int) -> bytes:
        """The next ``n_bytes`` bytes, or all that are left."""
        while len(self._ahead) < n_bytes and not self._ended:
            self._ahead += self._next(max(n_bytes - len(self._ahead), _BUFFER_BYTES))
        return self._ahead[:n_bytes]

    def read(self, n_bytes: int) -> bytes:
        """At least 1 and some ``n_bytes`` bytes, none at the end."""
        data, self._ahead = self._ahead[:n_bytes], self._ahead[n_bytes:]
        while not data and not self._ended:
            data = self._next(n_bytes)
        self.n_lines += int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_FEED))
        return data

    def decode_text(self) -> None:
        """From here on the bytes are text: a byte order mark is dropped, and UTF-16 and UTF-32 become UTF-8."""
        head = self.peek(_HEAD_BYTES)
        if head.startswith(codecs.BOM_UTF8):
            self._ahead = self._ahead.removeprefix(codecs.BOM_UTF8)
            self.n_mark_bytes = len(codecs.BOM_UTF8)
            return
        encoding = _wide_encoding(head)
        if encoding is not None:
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
            text = self._decoder.decode(self._ahead, self._ended).removeprefix("\ufeff")
            self._ahead = text.encode("utf-8", "replace")

    @property
    def is_plain(self) -> bool:
        """Whether its bytes are those of a file, a mark at its head aside: neither unpacked nor decoded."""
        return self.compression is None and self._decoder is None and self._raw.seekable()

    def narrow(self, start: int, stop: int) -> None:
        """Read on from byte ``start`` of a plain file, up to ``stop``."""
        self._raw.seek(start)
        self._ahead, self._ended, self._left = b"", False, stop - start

    def seekable(self) -> BinaryIO:
        """All the bytes, to be read at random: the file itself where it is plain.

        Raises InputError when they are more than may be held in memory.
        """
        if self.compression is None and self._raw.seekable():
            self._raw.seek(0)
            return self._raw
        rest = [self._ahead]
        n_bytes, self._ahead = len(self._ahead), b""
        while data := self._next(1 << 20):
            rest.append(data)
            n_bytes += len(data)
            if n_bytes > MAX_HELD_BYTES:
                raise InputError(
                    f"{self.name}: a table in it is larger than {MAX_HELD_BYTES >> 20} MiB, which is the most that is"
                    " unpacked in memory; save it as a plain file and name that"
                )
        return io.BytesIO(b"".join(rest))

    @property
    def position(self) -> int:
        """Bytes of the file itself that have been read."""
        return self._raw.tell() if self._raw.seekable() else 0

    def close(self) -> None:
        if self._closes:
            self._stream.close()
            self._raw.close()

    def _unwrap(self) -> None:
        for _ in range(_MAX_LAYERS):
            compression = compression_of(self.peek(16))
            if compression is None:
                return
            if self.compression is None and self._raw.seekable():
                self._raw.seek(0)
                below = self._raw
            else:
                below = cast(BinaryIO, io.BufferedReader(_Rest(self._ahead, self._stream), _BUFFER_BYTES))
            plain = decompressed(below, compression, self.name)
            self._stream, self._ahead, self._ended = plain, b"", False
            if plain is below:
                return
            self.compression = self.compression or compression

    def _next(self, n_bytes: int) -> bytes:
        if self._left is not None:
            n_bytes = min(n_bytes, self._left)
        try:
            data = self._stream.read1(n_bytes) if hasattr(self._stream, "read1") else self._stream.read(n_bytes)
        except EOFError as error:
            raise InputError(f"{self.name}: the {self.compression} data end in the middle, {self._place()}") from error
        except UNREADABLE as error:
            raise InputError(f"{self.name}: cannot be read on {self._place()}: {error.strerror or error}") from error
        except DAMAGE as error:
            if "runcated" in str(error):
                raise InputError(
                    f"{self.name}: the {self.compression} data end in the middle, {self._place()}"
                ) from error
            raise InputError(f"{self.name}: cannot be read {self._place()}: {error}") from error
        if self._left is not None:
            self._left -= len(data)
        if not data:
            self._ended = True
        if self._decoder is not None:
            return self._decoder.decode(data, self._ended).encode("utf-8", "replace")
        return data

    def _place(self) -> str:
        n_lines = self.n_lines + self._ahead.count(b"\n")
        return f"after line {n_lines}"


class _Rest(io.RawIOBase):
    """Bytes taken from a stream already, then the stream."""

    def __init__(self, ahead: bytes, stream: BinaryIO) -> None:
        self._ahead, self._stream = ahead, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._ahead:
            data, self._ahead = self._ahead[: len(buffer)], self._ahead[len(buffer) :]
        else:
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def opened(source: Source) -> BinaryIO:
    """The bytes of a source as they are. Raises InputError when there are none."""
    if source.data is not None:
        return io.BytesIO(source.data)
    if source.is_pipe:
        return opened_pipe(source.path)
    if source.is_stream:
        beneath = getattr(sys.stdin, "buffer", None)
        return beneath or io.BytesIO(sys.stdin.read().encode("utf-8", "surrogateescape"))
    try:
        if source.is_remote:
            return cast(BinaryIO, RemoteFile(source.path))
        return open(source.path, "rb", buffering=_BUFFER_BYTES)
    except OSError as error:
        raise InputError(f"{source.name}: {error.strerror or error}") from error


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, by its mark or by where its NUL bytes stand; None for a text of single bytes."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    half = len(head) // 2
    if half >= 4 and head[1::2].count(0) > 0.8 * half and not head[::2].count(0):
        return "utf-16-le"
    if half >= 4 and head[::2].count(0) > 0.8 * half and not head[1::2].count(0):
        return "utf-16-be"
    return None
