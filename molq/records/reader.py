"""A library cut into chunks: rows counted and numbered, their content untouched."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from molq.errors import InputError
from molq.records.arrow import arrow_bytes
from molq.records.chunk import ROW_GROUP_SLICE, Chunk
from molq.records.layout import (
    Layout,
    Wanted,
    is_smi_header,
    layout_of_header,
    layout_of_names,
    layout_of_sdf,
    layout_of_smi,
)
from molq.records.rawrecords import raw_records
from molq.records.sources import STDIN, ByteStream, Source, size_bytes


class LibraryReader:
    """Reads the sources of a library in order. Raises InputError when a header or a file is unusable."""

    def __init__(self, sources: list[Source], wanted: Wanted) -> None:
        self.sources = sources
        self._readers = [_reader(source, wanted) for source in sources]
        self.layouts = [reader.layout for reader in self._readers]
        self._current = 0
        self._digests: dict[int, str] = {}
        self._stated_rows: int | None = None

    def chunks(self, chunk_rows: int, shard_rows: int, start_row: int = 0) -> Iterator[Chunk]:
        """Chunks of at most ``chunk_rows`` rows, from row ``start_row`` on; none crosses a multiple of ``shard_rows``.

        Those of a prepared library are whole row groups.
        """
        row = 0
        for index, reader in enumerate(self._readers):
            self._current = index
            if start_row > row:
                row += reader.skip(start_row - row)
                self._digests = {row: reader.digest()}
            while True:
                room = shard_rows - row % shard_rows
                body, n_rows = reader.take(room if reader.whole_groups else min(chunk_rows, room))
                if n_rows == 0:
                    break
                yield Chunk(index, row, n_rows, body)
                row += n_rows
                if row % shard_rows == 0:
                    self._digests[row] = reader.digest()
            self._digests[row] = reader.digest()
            reader.close()
        if start_row > row:
            raise InputError(f"the library has {row} rows, fewer than the {start_row} done before")

    def state_lines(self, index: int, n_lines: int) -> None:
        """Tell how many lines a text source has, so that the rows in all are known."""
        self._readers[index].state_lines(n_lines)

    def total_rows(self, rows_read: int) -> int | None:
        """Rows in all: stated by the files, or estimated from the share of bytes read; None for stdin."""
        if self._stated_rows is None:
            self._stated_rows = _total([reader.stated_rows for reader in self._readers])
        if self._stated_rows >= 0:
            return max(rows_read, self._stated_rows)
        if any(source.path == STDIN for source in self.sources):
            return None
        sizes = [size_bytes(source) or 0 for source in self.sources]
        done = sum(sizes[: self._current]) + self._readers[self._current].position
        return max(rows_read, round(rows_read * sum(sizes) / done)) if done and rows_read else None

    def close(self) -> None:
        """Close the files that are open."""
        for reader in self._readers:
            reader.close()

    def digest_at(self, row: int) -> str:
        """Hash of what standard input held before ``row``, the end of a shard or of all; "" for files."""
        return self._digests.pop(row, "")


class _TextReader:
    """Records of a text source."""

    whole_groups = False
    stated_rows: int | None = None

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        self._hash = hashlib.sha256() if source.path == STDIN else None
        self._stream: ByteStream | None = None
        self._records = self._open()
        try:
            self.layout = self._read_header(wanted)
        except BaseException:
            self.close()
            raise
        self._started = source.path == STDIN
        if not self._started:
            self.close()

    def _open(self) -> Iterator[bytes]:
        self._stream = ByteStream(self._source)
        return raw_records(self._stream.lines(), self._source.format, self._source.name)

    def _read_header(self, wanted: Wanted) -> Layout:
        first = next(self._records, None)
        if first is None:
            raise InputError(f"{self._source.name}: the file is empty")
        self._has_header = self._source.format in ("csv", "tsv")
        if self._source.format == "sdf":
            layout = layout_of_sdf(self._source, wanted)
        elif self._source.format == "smi":
            layout = layout_of_smi(self._source, wanted)
            self._has_header = is_smi_header(first)
        else:
            layout = layout_of_header(self._source, first, wanted)
        if not self._has_header:
            self._records = itertools.chain([first], self._records)
        return layout

    def state_lines(self, n_lines: int) -> None:
        self.stated_rows = n_lines - self._has_header

    def take(self, n_rows: int) -> tuple[bytes, int]:
        if not self._started:
            self._records = self._open()
            self._started = True
            if self._has_header:
                next(self._records, None)
        records = list(itertools.islice(self._records, n_rows))
        if records and not records[-1].endswith(b"\n"):
            records[-1] += b"\n"
        body = b"".join(records)
        if self._hash is not None:
            self._hash.update(body)
        return body, len(records)

    def skip(self, n_rows: int) -> int:
        skipped = 0
        while skipped < n_rows:
            _, taken = self.take(min(4096, n_rows - skipped))
            if taken == 0:
                break
            skipped += taken
        return skipped

    @property
    def position(self) -> int:
        return self._stream.compressed_position if self._stream else 0

    def digest(self) -> str:
        return self._hash.hexdigest() if self._hash is not None else ""

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class _ParquetReader:
    """Rows of a Parquet table, as Arrow streams of text columns."""

    whole_groups = False

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        table = self._open()
        self.layout = layout_of_names(source, list(table.schema_arrow.names), wanted)
        self.stated_rows: int | None = table.metadata.num_rows
        self._names = _kept_names(list(table.schema_arrow.names), self.layout)
        self._batches: Iterator[Any] | None = None
        self._rest: Any = None
        self._skip_rows = 0
        self.position = 0
        table.close()

    def _open(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(self._source.path)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{self._source.name}: not a readable Parquet file: {error}") from error

    def _start(self) -> Iterator[Any]:
        table = self._open()
        groups = list(range(table.num_row_groups))
        while groups and table.metadata.row_group(groups[0]).num_rows <= self._skip_rows:
            self._skip_rows -= table.metadata.row_group(groups.pop(0)).num_rows
        batches = table.iter_batches(8192, row_groups=groups, columns=sorted(set(self._names)), use_threads=False)
        for batch in batches:
            dropped = min(self._skip_rows, batch.num_rows)
            self._skip_rows -= dropped
            if dropped < batch.num_rows:
                yield _as_text(batch, self._names).slice(dropped)

    def take(self, n_rows: int) -> tuple[bytes, int]:
        if self._batches is None:
            self._batches = self._start()
        if self._rest is None or self._rest.num_rows == 0:
            self._rest = next(self._batches, None)
        if self._rest is None:
            return b"", 0
        part, self._rest = self._rest.slice(0, n_rows), self._rest.slice(n_rows)
        return arrow_bytes(part), part.num_rows

    def skip(self, n_rows: int) -> int:
        self._skip_rows = min(n_rows, self.stated_rows or 0)
        return self._skip_rows

    def digest(self) -> str:
        return ""

    def close(self) -> None:
        self._batches = self._rest = None


class _LibraryFileReader:
    """Row groups of a prepared library, by number: workers read them themselves."""

    whole_groups = True

    def __init__(self, source: Source, wanted: Wanted) -> None:
        from molq.screening.library.file import open_library

        library = open_library(source.path)
        self.layout = library.layout(source, wanted)
        self._group_rows = library.group_rows
        self.stated_rows: int | None = sum(self._group_rows)
        self._group = self._at = 0
        self.position = 0

    def take(self, n_rows: int) -> tuple[bytes, int]:
        while self._group < len(self._group_rows) and self._at >= self._group_rows[self._group]:
            self._group, self._at = self._group + 1, 0
        if self._group >= len(self._group_rows):
            return b"", 0
        stop = min(self._group_rows[self._group], self._at + n_rows)
        body, taken = ROW_GROUP_SLICE.pack(self._group, self._at, stop), stop - self._at
        self._at = stop
        return body, taken

    def skip(self, n_rows: int) -> int:
        skipped = 0
        while skipped < n_rows:
            _, taken = self.take(n_rows - skipped)
            if taken == 0:
                break
            skipped += taken
        return skipped

    def digest(self) -> str:
        return ""

    def close(self) -> None:
        pass


_READERS: dict[str, Callable[[Source, Wanted], Any]] = {"parquet": _ParquetReader, "molqlib": _LibraryFileReader}


def _reader(source: Source, wanted: Wanted) -> Any:
    return _READERS.get(source.format, _TextReader)(source, wanted)


def _total(stated: list[int | None]) -> int:
    """Rows in all, -1 unless every source states its rows."""
    return -1 if None in stated else sum(rows for rows in stated if rows is not None)


def _kept_names(names: list[str], layout: Layout) -> list[str]:
    at = [layout.smiles, *([layout.id] if layout.id is not None else []), *layout.columns]
    return [names[i] for i in at]


def _as_text(batch: Any, names: list[str]) -> Any:
    """The named columns, in order, as strings; absent values are empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = [pc.fill_null(batch.column(name).cast(pa.string()), "") for name in names]
    return pa.RecordBatch.from_arrays(text, [str(i) for i in range(len(names))])
