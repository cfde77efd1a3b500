"""A library cut into chunks: rows counted and numbered, their content untouched."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from molq.errors import InputError
from molq.records.choice import Judge, NoSmilesError, Wanted
from molq.records.chunk import Chunk
from molq.records.input.kind import kind_of
from molq.records.input.source import FoundSources, Source, find_sources
from molq.records.input.state import FileState, state_of
from molq.records.input.stream import ByteStream
from molq.records.layout import Layout
from molq.records.shard import FilePart, Shard, parts_of
from molq.records.tables.reader import TableReader
from molq.records.tables.workbook import read_workbook
from molq.records.text.look import look_at_text
from molq.records.text.reader import TextReader
from molq.records.text.sdf_look import look_at_sdf
from molq.remote.ranges import ObjectState


class SourceReader(Protocol):
    """What reads one source, chunk by chunk."""

    layout: Layout
    notes: list[str]
    """one line each, what a user should know of how the source is read"""
    example: str
    """how its first row begins"""
    stated_rows: int | None
    """rows in all, where the file tells"""

    @property
    def position(self) -> int:
        """Bytes of the file read so far."""
        ...

    def state_lines(self, n_lines: int) -> None: ...
    def keep(self, part: FilePart) -> str | None:
        """Read this part alone; the parts of a file, one after the other, hold every row of it once.

        A note where that costs more than reading the part.
        """
        ...

    def take(self, n_rows: int) -> tuple[bytes, int]: ...
    def skip(self, n_rows: int) -> int: ...
    def digest(self) -> str: ...
    def close(self) -> None: ...


def open_library(
    library: str | Path | Sequence[str | Path] | Source,
    wanted: Wanted,
    judge: Judge,
    format: str | None = None,
    shard: Shard | None = None,
) -> LibraryReader:
    """A reader of files, folders, patterns, standard input ("-") or bytes in memory; of one ``shard`` of their rows.

    Raises InputError, naming file and remedy, when one of them cannot be read as molecules.
    """
    found = FoundSources([library], []) if isinstance(library, Source) else find_sources(library, format)
    return LibraryReader(found, wanted, judge, shard)


class LibraryReader:
    """Reads the sources of a library in order. Raises InputError when a header or a file is unusable."""

    def __init__(self, library: FoundSources, wanted: Wanted, judge: Judge, shard: Shard | None = None) -> None:
        self.notes = list(library.notes)
        self.sources: list[Source] = []
        self._readers: list[SourceReader] = []
        self._states: list[FileState | ObjectState | None] = []
        for source in library.sources:
            state = state_of(source)
            try:
                reader = open_source(source, wanted, judge)
            except NoSmilesError:
                if not source.optional or len(library.sources) == 1:
                    raise
                self.notes.append(f"{source.name}: holds no SMILES and is not read")
                continue
            self.sources.append(source)
            self._states.append(state)
            self._readers.append(reader)
            self.notes += reader.notes
        if not self._readers:
            raise InputError(f"{library.sources[0].name} and its neighbours hold no SMILES")
        self._sizes = [
            (state.size_bytes or None) if isinstance(state, ObjectState) else source.size_bytes
            for source, state in zip(self.sources, self._states, strict=True)
        ]
        """None where one can be read only once, or its server keeps it to itself"""
        self._first_bytes = [0] * len(self.sources)
        self.part_notes: list[str] = []
        """of what reading a shard costs beyond its rows"""
        if shard is not None:
            self._keep(shard)
        self.layouts = [reader.layout for reader in self._readers]
        self._current = 0
        self._digests: dict[int, str] = {}
        self._stated_rows: int | None = None

    @property
    def layouts_for_workers(self) -> tuple[Layout, ...]:
        """The layouts without what only the parent wants to know."""
        return tuple(replace(layout, names=()) for layout in self.layouts)

    @property
    def example(self) -> str:
        """How the first row begins."""
        return self._readers[0].example

    def chunks(self, chunk_rows: int, shard_rows: int, start_row: int = 0) -> Iterator[Chunk]:
        """Chunks of up to ``chunk_rows`` rows from row ``start_row`` on; none crosses a multiple of ``shard_rows``.

        They hold fewer rows where these are large, see ``MAX_CHUNK_BYTES``. Raises InputError for a file that is
        damaged, or is changed while it is read.
        """
        row = 0
        for index, reader in enumerate(self._readers):
            self._current = index
            if start_row > row:
                row += reader.skip(start_row - row)
                self._digests = {row: reader.digest()}
            while True:
                try:
                    body, n_rows = reader.take(min(chunk_rows, shard_rows - row % shard_rows))
                except InputError:
                    self.refuse_changes()
                    raise
                if n_rows == 0:
                    break
                yield Chunk(index, row, n_rows, body)
                row += n_rows
                if row % shard_rows == 0:
                    self._digests[row] = reader.digest()
            self._digests[row] = reader.digest()
            reader.close()
            self.refuse_changes()
        if start_row > row:
            raise InputError(f"the library has {row} rows, fewer than the {start_row} done before")

    @property
    def total_bytes(self) -> int | None:
        """Of all files; None where one of them has no size that is known."""
        return None if None in self._sizes else sum(size for size in self._sizes if size is not None)

    @property
    def is_cut_anywhere(self) -> bool:
        """Whether rows from the middle can be had without those before: of plain text and of tables."""
        return all(
            size is not None and (size < 2 or copy.copy(reader).keep(FilePart(1, size, size, size)) is None)
            for reader, size in zip(self._readers, self._sizes, strict=True)
        )

    def chunks_of(self, shard: Shard, chunk_rows: int) -> Iterator[Chunk]:
        """Chunks of one shard alone, their rows counted from its first; any, as often as wanted, before ``chunks``."""
        row = 0
        parts = parts_of([size or 0 for size in self._sizes], shard)
        for index, (unread, part) in enumerate(zip(self._readers, parts, strict=True)):
            if part.is_empty:
                continue
            reader = copy.copy(unread)
            reader.keep(part)
            try:
                while (taken := reader.take(chunk_rows))[1]:
                    yield Chunk(index, row, taken[1], taken[0])
                    row += taken[1]
            finally:
                reader.close()

    def state_lines(self, index: int, n_lines: int) -> None:
        """Tell how many lines a file has, from which the rows in all are estimated where it is plain text."""
        self._readers[index].state_lines(n_lines)

    def total_rows(self, rows_read: int) -> int | None:
        """Rows in all: stated by the files, or estimated from the share of bytes read; None for standard input."""
        if self._stated_rows is None:
            self._stated_rows = _total([reader.stated_rows for reader in self._readers])
        if self._stated_rows >= 0:
            return max(rows_read, self._stated_rows)
        known = [size for size in self._sizes if size is not None]
        if len(known) < len(self._sizes):
            return None
        here = self._readers[self._current].position - self._first_bytes[self._current]
        done = sum(known[: self._current]) + max(here, 0)
        return max(rows_read, round(rows_read * sum(known) / done)) if done and rows_read else None

    def refuse_changes(self) -> None:
        """Returns while every file is as it was before anything of it was read. Raises InputError, naming it, else.

        Of remote ones the one that is read now is looked at: each of them costs a request.
        """
        for i, (source, before) in enumerate(zip(self.sources, self._states, strict=True)):
            if (i == self._current or not source.is_remote) and state_of(source) != before:
                raise InputError(
                    f"{source.name} was changed while it was read, so what was read of it may be of no one version;"
                    " start again when nothing writes to it"
                )

    def _keep(self, shard: Shard) -> None:
        sizes = [size for size in self._sizes if size is not None]
        if len(sizes) < len(self._sizes):
            source = self.sources[self._sizes.index(None)]
            why = "stands on a server that does not tell its size" if source.is_remote else "can be read only once"
            raise InputError(f"{source.name} {why}, and cannot be cut into shards; save it to a file")
        parts = parts_of(sizes, shard)
        notes = [reader.keep(part) for reader, part in zip(self._readers, parts, strict=True)]
        self.part_notes = [note for note in notes if note is not None]
        self._sizes = [part.stop - part.start for part in parts]
        self._first_bytes = [part.start for part in parts]

    def close(self) -> None:
        """Close the files that are open."""
        for reader in self._readers:
            reader.close()

    def digest_at(self, row: int) -> str:
        """Hash of what standard input held before ``row``, the end of a shard or of all; "" for files."""
        return self._digests.pop(row, "")


def open_source(source: Source, wanted: Wanted, judge: Judge) -> SourceReader:
    """A reader of one source, of whatever kind it is. Raises InputError when it cannot be read as rows."""
    stream = ByteStream(source)
    try:
        kind = kind_of(stream, source)
        if kind in ("parquet", "feather"):
            return TableReader(source, kind, wanted, judge, stream)
        if kind == "xlsx":
            return _sheet_reader(source, wanted, judge, stream)
        look = look_at_sdf(stream, source, wanted) if kind == "sdf" else look_at_text(stream, source, wanted, judge)
        return TextReader(source, look, stream)
    except BaseException:
        stream.close()
        raise


def _sheet_reader(source: Source, wanted: Wanted, judge: Judge, stream: ByteStream) -> SourceReader:
    data, notes = read_workbook(stream.seekable(), source.name)
    stream.close()
    text = replace(source, data=data, format="csv", promised="text")
    opened = ByteStream(text)
    look = look_at_text(opened, text, wanted, judge)
    return TextReader(text, replace(look, notes=[*notes, *look.notes]), opened)


def _total(stated: list[int | None]) -> int:
    """Rows in all, -1 unless every source states its rows."""
    return -1 if None in stated else sum(rows for rows in stated if rows is not None)
