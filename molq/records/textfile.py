"""Text files of any size as lines: gzip or not, UTF-8, with or without a byte order mark."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from molq.errors import InputError

STDIN = "-"
MAX_LINE = 16 << 20
"""characters"""
_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BUFFER_BYTES = 1 << 18


@contextmanager
def open_text(source: str) -> Iterator[TextIO]:
    """The file, or stdin for "-", as text; bytes that are not UTF-8 become lone surrogates (see ``is_text``).

    Line ends are kept. Raises InputError for a missing or unreadable file and for UTF-16.
    """
    with ExitStack() as opened:
        binary = _open_bytes(source)
        if source != STDIN:
            opened.enter_context(binary)
        if _peek(binary, source).startswith(_GZIP_MAGIC):
            unzipped = opened.enter_context(gzip.GzipFile(fileobj=binary))
            binary = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, unzipped), _BUFFER_BYTES))
        if _peek(binary, source).startswith(_UTF16_MARKS):
            raise InputError(f"{_name(source)}: UTF-16 text; save it as UTF-8")
        text = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
        try:
            yield text
        finally:
            if source == STDIN:
                text.detach()


def peek_text(stream: TextIO) -> str:
    """The start of a stream of ``open_text``, some 64 KB or less, without taking it."""
    start = _peek(cast(BinaryIO, cast(io.TextIOWrapper, stream).buffer), "")
    return start.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def lines(stream: TextIO, name: str) -> Iterator[str]:
    """Lines with their ends. Raises InputError for a line of more than MAX_LINE characters."""
    for number, line in enumerate(iter(partial(stream.readline, MAX_LINE + 1), ""), 1):
        if len(line) > MAX_LINE:
            raise InputError(f"{name}: line {number} has more than {MAX_LINE:,} characters; is this a text file?")
        yield line


def is_text(text: str) -> bool:
    """Whether every byte that ``text`` was read from was UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _open_bytes(source: str) -> BinaryIO:
    if source != STDIN:
        try:
            return Path(source).open("rb", buffering=_BUFFER_BYTES)
        except OSError as error:
            raise InputError(f"{source}: {error.strerror}") from error
    binary = getattr(sys.stdin, "buffer", None) or io.BytesIO(sys.stdin.read().encode("utf-8", "surrogateescape"))
    return binary if hasattr(binary, "peek") else cast(BinaryIO, io.BufferedReader(binary))


def _peek(binary: BinaryIO, source: str) -> bytes:
    try:
        return cast(io.BufferedReader, binary).peek(1 << 16)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{_name(source)}: cannot be read: {error}") from error


def _name(source: str) -> str:
    return "standard input" if source == STDIN else source
