"""The files a library consists of, and how each is read."""

from __future__ import annotations

import glob
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from molq.errors import InputError
from molq.records.columns import names_smiles
from molq.records.records import FORMATS
from molq.records.textfile import STDIN

SUFFIXES = FORMATS | {".molqlib": "molqlib"}
MAX_LINE_BYTES = 16 << 20
_BUFFER_BYTES = 1 << 18


@dataclass(frozen=True)
class Source:
    """One file of a library; ``format`` is csv, tsv, smi, sdf, parquet or molqlib, ``path`` may be "-" for stdin."""

    path: str
    format: str
    gzipped: bool

    @property
    def name(self) -> str:
        return "standard input" if self.path == STDIN else self.path

    @property
    def tabular(self) -> bool:
        """Whether the file is Parquet, read by row group, and not a stream of bytes."""
        return self.format in ("parquet", "molqlib")


def find_sources(library: Sequence[str | Path]) -> list[Source]:
    """The files named by paths, directories and glob patterns; of directories and patterns the files sorted by name.

    Raises InputError when a path does not exist, nothing matches, or a suffix is unknown.
    """
    sources: list[Source] = []
    for entry in map(str, library):
        if entry == STDIN:
            sources.append(_stdin())
        elif os.path.isdir(entry):
            files = sorted(path for path in Path(entry).rglob("*") if path.is_file() and _format_of(path.name))
            if not files:
                raise InputError(
                    f"{entry}: no file in this directory ends in one of {' '.join(SUFFIXES)} (or .gz of them)"
                )
            sources.extend(_source(str(path)) for path in files)
        elif os.path.exists(entry):
            sources.append(_source(entry))
        elif glob.has_magic(entry):
            matches = sorted(path for path in glob.glob(entry, recursive=True) if os.path.isfile(path))
            if not matches:
                raise InputError(f"{entry}: no file matches this pattern")
            sources.extend(_source(path) for path in matches)
        else:
            raise InputError(f"{entry}: no such file")
    if not sources:
        raise InputError("no library given")
    if len(sources) > 1 and any(source.path == STDIN for source in sources):
        raise InputError("standard input cannot be mixed with files")
    return sources


class ByteStream:
    """The decompressed bytes of a text source; ``compressed_position`` tells how far the file itself has been read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._raw = _open_raw(source)
        self.stream: BinaryIO = self._raw
        if source.gzipped:
            unzipped = gzip.GzipFile(fileobj=self._raw, mode="rb")
            self.stream = io.BufferedReader(unzipped, _BUFFER_BYTES)

    @property
    def compressed_position(self) -> int:
        return self._raw.tell() if self._raw.seekable() else 0

    def lines(self) -> Iterator[bytes]:
        """Lines with their ends. Raises InputError when the gzip data is damaged or cut short."""
        number = 0
        try:
            for number, line in enumerate(iter(partial(self.stream.readline, MAX_LINE_BYTES + 1), b""), 1):
                if len(line) > MAX_LINE_BYTES:
                    raise InputError(f"{self.source.name}: line {number} is longer than {MAX_LINE_BYTES >> 20} MiB")
                yield line
        except EOFError as error:
            raise InputError(f"{self.source.name}: the gzip data end in the middle, after line {number}") from error
        except (gzip.BadGzipFile, OSError, zlib.error) as error:
            raise InputError(f"{self.source.name}: cannot be read after line {number}: {error}") from error

    def close(self) -> None:
        if self.source.path != STDIN:
            self.stream.close()
            self._raw.close()


def size_bytes(source: Source) -> int | None:
    """Size of the file, None for stdin."""
    return None if source.path == STDIN else os.path.getsize(source.path)


def _source(path: str) -> Source:
    name = os.path.basename(path)
    found = _format_of(name)
    if found is None:
        raise InputError(f"{path}: unknown kind of file; molq reads {' '.join(SUFFIXES)}, and .gz of the text kinds")
    return Source(path, found, found not in ("parquet", "molqlib") and _is_gzip(path))


def _is_gzip(path: str) -> bool:
    """Told by the content, so that a gzip file without .gz is read, and a text file named .gz too."""
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _format_of(name: str) -> str | None:
    lower = name.lower()
    bare = lower.removesuffix(".gz")
    found = SUFFIXES.get(os.path.splitext(bare)[1])
    if found in ("parquet", "molqlib") and bare != lower:
        return None
    return found


def _stdin() -> Source:
    """Standard input, its kind told by the first bytes: gzip, an SDF record, or a header with a comma or tab."""
    head = cast(io.BufferedReader, sys.stdin.buffer).peek(1 << 16)
    gzipped = head[:2] == b"\x1f\x8b"
    if gzipped:
        head = _unzipped_head(head)
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if any(mark in head for mark in (b"M  END", b"V2000", b"V3000")):
        kind = "sdf"
    elif "\t" in first and any(names_smiles(cell) for cell in first.split("\t")):
        kind = "tsv"
    else:
        kind = "csv" if "," in first or names_smiles(first) else "smi"
    return Source(STDIN, kind, gzipped)


def _unzipped_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 1 << 16)
    except zlib.error:
        return b""


def _open_raw(source: Source) -> BinaryIO:
    if source.path == STDIN:
        return sys.stdin.buffer
    try:
        return open(source.path, "rb", buffering=_BUFFER_BYTES)
    except OSError as error:
        raise InputError(f"{source.path}: {error.strerror}") from error
