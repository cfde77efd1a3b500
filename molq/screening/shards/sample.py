"""Rows from several places of a library, read without the rest, to measure with; and how many it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from molq.records.chunk import Chunk
from molq.records.input.source import Source
from molq.records.layout import Layout
from molq.records.reader import LibraryReader
from molq.records.shard import MAX_SHARDS, Shard

_PLACES = 10
_CHUNK_ROWS = 512
_ESTIMATE_ROWS = 300_000


class LibrarySample(NamedTuple):
    """Chunks of a library, numbered as if they were all of it."""

    chunks: tuple[Chunk, ...]
    layouts: tuple[Layout, ...]
    sources: list[Source]
    rows: int
    """of the whole library"""
    is_counted: bool
    """whether its files state them; else they are estimated"""
    notes: tuple[str, ...]


def sample_library(open_shard: Callable[[Shard | None], LibraryReader], n_rows: int) -> LibrarySample:
    """About ``n_rows`` rows, equally many from ten places spread evenly; of a library that cannot be cut, the first.

    Raises InputError as reading does.
    """
    whole = open_shard(None)
    layouts, notes = whole.layouts_for_workers, list(whole.notes)
    chunks, stated = _first(whole, n_rows), whole.total_rows(0)
    n_read = sum(chunk.n_rows for chunk in chunks)
    if n_read < n_rows:
        return LibrarySample(tuple(_numbered(chunks)), layouts, whole.sources, n_read, True, tuple(notes))
    count = min(_about(whole, chunks, stated) * _PLACES // n_rows, MAX_SHARDS)
    rows = stated
    if count > _PLACES:
        shards = [open_shard(Shard(1 + (2 * place + 1) * count // (2 * _PLACES), count)) for place in range(_PLACES)]
        costs = [note for shard in shards for note in shard.part_notes]
        if not costs:
            parts = [chunk for shard in shards for chunk in _first(shard, 2 * n_rows)]
            rows = sum(chunk.n_rows for chunk in parts) * count // _PLACES if rows is None else rows
            chunks = parts or chunks
        notes += dict.fromkeys(costs)
    if rows is None:
        rows = _estimate(open_shard(None))
    return LibrarySample(tuple(_numbered(chunks)), layouts, whole.sources, rows, stated is not None, tuple(notes))


def _estimate(reader: LibraryReader) -> int:
    """Rows in all, by the share of the file that some hundred thousand rows take; counted where that tells nothing."""
    row = 0
    for chunk in reader.chunks(_CHUNK_ROWS, _CHUNK_ROWS):
        row = chunk.first_row + chunk.n_rows
        if row >= _ESTIMATE_ROWS and (estimated := reader.total_rows(row)) is not None:
            row = estimated
            break
    reader.close()
    return row


def _first(reader: LibraryReader, n_rows: int) -> list[Chunk]:
    """The chunks that hold the first rows of a reader."""
    chunks: list[Chunk] = []
    n_read = 0
    for chunk in reader.chunks(_CHUNK_ROWS, _CHUNK_ROWS):
        if n_read >= n_rows:
            break
        chunks.append(chunk)
        n_read += chunk.n_rows
    reader.close()
    return chunks


def _about(reader: LibraryReader, chunks: list[Chunk], stated: int | None) -> int:
    """Rows in all, roughly: stated, or by the bytes of the first."""
    if stated is not None:
        return stated
    n_bytes, n_rows = sum(len(chunk.body) for chunk in chunks), sum(chunk.n_rows for chunk in chunks)
    return sum(source.size_bytes or 0 for source in reader.sources) * n_rows // max(n_bytes, 1)


def _numbered(chunks: list[Chunk]) -> Iterator[Chunk]:
    row = 0
    for chunk in chunks:
        yield chunk._replace(first_row=row)
        row += chunk.n_rows
