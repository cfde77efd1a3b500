"""Bytes such as files hold, and what the reader makes of them, for the tests of records."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from hypothesis import strategies as st

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import FoundSources, Source, promised
from molq.records.reader import LibraryReader
from molq.records.rows import SourceRows, stacked
from molq.records.text import reader as text_reader
from molq.records.understand import understand

COUNTS = b"  1  0  0  0  0  0  0  0  0  0999 V2000\n"
ATOM = b"    0.0000    0.0000    0.0000 C   0  0\n"
BLOCK = b"t\n\n\n" + COUNTS + ATOM + b"M  END\n"
WORDS = b"CCO c1ccccc1 C(=O)N C[C@H](N)O smiles id name ethanol x1 7 0.5".split()
MARKS = [b",", b";", b"\t", b"|", b" ", b"  ", b"\n", b"\n", b"\n", b"\r", b"\r\n", b"\r\r\n", b'"', b'"', b'""']
PIECES = [
    b'","',
    b'"\n',
    b'"C\nC"',
    b"\0",
    b"\xe9",
    b"\xc3\xa9",
    b"\xef\xbb\xbf",
    b"|c:1|",
    b" |&1:1|",
    b"#",
    b"sep=;\n",
]
LINES = [b"# comment\n", b"smiles,id\n", b"smiles\tid\n", b"id smiles\n", b"$$$$\n", b"$$$$", b"M  END\n", b"> <x>\n"]
TABLE_TOKENS = [b"CCO", b"C", b"", b" ", b"x y", b'"', b'""', b",", b",", b"\n", b"\n", b"\r", b"\r\n", b'"C\n"']

ANY_BYTES = st.lists(st.sampled_from([*WORDS, *MARKS, *PIECES, *LINES, b">1\n", COUNTS, ATOM, BLOCK]), max_size=40).map(
    b"".join
) | st.binary(max_size=60)
TABLES = st.lists(st.sampled_from(TABLE_TOKENS), max_size=40).map(lambda tokens: b"smiles,id\n" + b"".join(tokens))


def plain_judge(texts: Sequence[str]) -> list[bool]:
    """Whether texts look like SMILES, without RDKit."""
    return [bool(re.fullmatch(r"[BCNOPSFIclnosr0-9@+\-\[\]()\\/%=#$:.H*]+( \|[^|]*\|)?", text)) for text in texts]


def read(
    source: Source, chunk_rows: int = 512, block_bytes: int = 1 << 20, **wanted: object
) -> SourceRows | str | None:
    """All rows of a source; None for none, and of an error its message without the name of the source."""
    with mock.patch.object(text_reader, "_BLOCK_BYTES", block_bytes):
        try:
            reader = LibraryReader(FoundSources([source], []), Wanted(**wanted), plain_judge)  # type: ignore[arg-type]
            with contextlib.closing(reader):
                chunks = list(reader.chunks(chunk_rows, 65536))
        except InputError as error:
            return str(error).replace(f"{source.name}:", "NAME:")
    rows = 0
    for chunk in chunks:
        assert chunk.first_row == rows
        rows += chunk.n_rows
    parts = [understand(chunk, reader.layouts[chunk.layout]) for chunk in chunks]
    return stacked(parts) if parts else None


def in_memory(data: bytes, name: str = "the-bytes") -> Source:
    return Source(name, promised(name), data=data)


def in_file(data: bytes, folder: Path, name: str = "the-bytes") -> Source:
    path = folder / name
    path.write_bytes(data)
    return Source(str(path), promised(name))


class Pipe(io.RawIOBase):
    """Bytes that come a few at a time and cannot be read twice."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step = data, step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        n = min(len(buffer), self._step, len(self._data))
        buffer[:n], self._data = self._data[:n], self._data[n:]
        return n


def from_pipe(data: bytes, step: int = 7, **options: object) -> SourceRows | str | None:
    """What ``read`` gives of standard input."""
    with mock.patch.object(sys, "stdin", mock.Mock(buffer=io.BufferedReader(Pipe(data, step)))):
        return read(Source("-"), **options)  # type: ignore[arg-type]
