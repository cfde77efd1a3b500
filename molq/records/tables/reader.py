"""Parquet and Feather tables cut into chunks: the wanted columns as text, in Arrow streams."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from molq.errors import InputError
from molq.records.arrow import arrow_bytes
from molq.records.choice import LOOK_ROWS, ColumnChoice, Judge, Sample, Wanted, choose
from molq.records.chunk import MAX_CHUNK_BYTES, MAX_RECORD_BYTES
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream, opened
from molq.records.layout import Layout
from molq.records.shard import FilePart
from molq.records.tables.text_columns import bounded_parts, holds_text, text_column
from molq.remote.retrying import UNREADABLE
from molq.shortage import is_shortage, shortage

_BATCH_ROWS = 8192
_BATCH_BYTES = 64 << 20
"""of a table that are in memory at once, where its rows are of one size"""
_MANY_BYTES = 512 << 20
_CAREFUL_ROWS = 64
"""at once of a group of more than _MANY_BYTES, whose rows may be of very unequal sizes"""
_UNEVEN = 4
"""groups of rows a shard or more: then they are not cut, and shards differ by a quarter at most"""
_FEW_BYTES = 16
"""a value; what is stored in fewer may be values that are repeated"""


class _Table(Protocol):
    """A table on disk, read group by group."""

    schema: Any
    group_rows: list[int]

    def batches(self, group: int, columns: Sequence[int]) -> Iterator[Any]:
        """Record batches of a group, of the columns at these places in ascending order."""
        ...


class TableReader:
    """Rows of a table that is no text. Raises InputError when it is damaged or holds no SMILES."""

    notes: list[str]

    def __init__(self, source: Source, kind: str, wanted: Wanted, judge: Judge, stream: ByteStream) -> None:
        self._source, self._kind = source, kind
        self._held = stream.seekable() if source.is_stream or stream.compression else None
        if not source.is_stream:
            stream.close()
        with self._table() as table:
            self._group_rows = table.group_rows
            choice = _choice(table, source, wanted, judge)
        self._n_rows = sum(self._group_rows)
        self.stated_rows: int | None = self._n_rows
        self.notes, self.example = choice.notes, ""
        self._columns = [choice.smiles, *([] if choice.id is None else [choice.id]), *choice.columns]
        self.layout = Layout(
            source.name,
            "table",
            choice.smiles,
            choice.id,
            choice.columns,
            width=len(choice.names),
            column_names=wanted.columns,
            has_id=choice.id is not None,
            names=tuple(choice.names),
        )
        self._batches: Iterator[Any] | None = None
        self._rest: Any = None
        self._skip_rows = 0
        self._stop_row = self._n_rows
        self._row = 0
        """of the table, that is given out next"""
        self.position = 0

    def state_lines(self, n_lines: int) -> None:
        """The table states its rows itself."""

    def keep(self, part: FilePart) -> None:
        """Read a part of the table alone: whole groups of rows, unless a group is large beside a shard."""
        self._row, self._stop_row = (self._cut(row, part) for row in part.of_rows(self._n_rows))
        self._skip_rows, self.stated_rows = self._row, self._stop_row - self._row

    def take(self, n_rows: int) -> tuple[bytes, int]:
        """At most ``n_rows`` rows, of MAX_CHUNK_BYTES or one, as an Arrow stream, and how many; none at the end."""
        n_rows = min(n_rows, self._stop_row - self._row)
        if n_rows == 0:
            return b"", 0
        if self._batches is None:
            self._batches = self._start()
        while self._rest is None or self._rest.num_rows == 0:
            self._rest = next(self._batches, None)
            if self._rest is None:
                return b"", 0
        part = self._rest.slice(0, n_rows)
        while part.nbytes > MAX_CHUNK_BYTES and part.num_rows > 1:
            part = part.slice(0, part.num_rows // 2)
        if part.nbytes > MAX_RECORD_BYTES:
            raise InputError(f"{self._source.name}: row {self._row + 1} is larger than {MAX_RECORD_BYTES >> 20} MiB")
        self._rest = self._rest.slice(part.num_rows)
        self._row += part.num_rows
        return arrow_bytes(part), part.num_rows

    def skip(self, n_rows: int) -> int:
        """Pass over ``n_rows`` rows before any is taken, or as many as there are."""
        skipped = min(n_rows, self._stop_row - self._row)
        self._row += skipped
        self._skip_rows += skipped
        return skipped

    def digest(self) -> str:
        return ""

    def close(self) -> None:
        self._batches = self._rest = None

    def _cut(self, row: int, part: FilePart) -> int:
        """The row, or the first of its group."""
        first = 0
        for n_rows in self._group_rows:
            if row < first + n_rows:
                is_large = n_rows * part.size * _UNEVEN > self._n_rows * part.shard_bytes
                return row if is_large else first
            first += n_rows
        return first

    @contextlib.contextmanager
    def _table(self) -> Iterator[_Table]:
        """The table, whose file is open for so long: of a remote one much of what was read is held."""
        place = self._place()
        try:
            yield self._opened(place)
        finally:
            if self._source.is_remote and place is not self._held:
                place.close()

    def _opened(self, place: Any) -> _Table:
        import pyarrow as pa

        try:
            table = (_ParquetTable if self._kind == "parquet" else _FeatherTable)(place)
            _ = table.schema.names  # they are decoded when they are asked for
            return table
        except UNREADABLE as error:
            raise InputError(f"{self._source.name}: cannot be read: {error.strerror or error}") from error
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if is_shortage(error):
                raise shortage(error, f"while {self._source.name} was read") from error
            label = "Parquet" if self._kind == "parquet" else "Feather"
            message = " ".join(str(error).split())
            raise InputError(f"{self._source.name}: not a readable {label} file: {message}") from error

    def _place(self) -> Any:
        """A path, or what can be read at random."""
        if self._held is not None:
            self._held.seek(0)
            return self._held
        if self._source.data is not None:
            return io.BytesIO(self._source.data)
        return opened(self._source) if self._source.is_remote else self._source.path

    def _start(self) -> Iterator[Any]:
        import pyarrow as pa

        order = sorted(set(self._columns))
        with self._table() as table:
            for group, n_rows in enumerate(table.group_rows):
                if n_rows <= self._skip_rows:
                    self._skip_rows -= n_rows
                    continue
                for batch in _group(table, group, order, self._source, self._kind):
                    dropped = min(self._skip_rows, batch.num_rows)
                    self._skip_rows -= dropped
                    if dropped < batch.num_rows:
                        for part in bounded_parts(batch.slice(dropped), self._source.name):
                            texts = [text_column(part.column(order.index(at))) for at in self._columns]
                            yield pa.RecordBatch.from_arrays(texts, [str(i) for i in range(len(texts))])


class _ParquetTable:
    """Where the footer of a file is damaged, pyarrow ends the process that asks it of a column; reading one raises.

    So of every group a row is read first.
    """

    def __init__(self, place: Any) -> None:
        self._place = place
        self._metadata: Any = None
        self._files: dict[tuple[str, ...], Any] = {}
        file = self._reading(())
        self._metadata, self.schema = file.metadata, file.schema_arrow
        self._paths = [file.schema.column(at).path for at in range(self._metadata.num_columns)]
        self.group_rows = [self._metadata.row_group(i).num_rows for i in range(self._metadata.num_row_groups)]
        if sum(self.group_rows) != self._metadata.num_rows:
            raise OSError(f"it states {self._metadata.num_rows:,} rows, and {sum(self.group_rows):,} in its groups")

    def batches(self, group: int, columns: Sequence[int]) -> Iterator[Any]:
        names = self.schema.names
        wanted = [names[at] for at in columns]
        # a name that stands twice, or with a point in it, would bring other columns along
        exact = len(set(names)) == len(names) and not any("." in name for name in wanted)
        asked: dict[str, Any] = {"row_groups": [group], "columns": wanted if exact else None, "use_threads": False}
        texts = tuple(field.name for field in self.schema if holds_text(field.type) and field.name in wanted)
        longest_bytes = _longest_of_dictionaries(next(self._reading(texts).iter_batches(1, **asked), None))
        kept = self._metadata.row_group(group)
        stored = [kept.column(at) for at, path in enumerate(self._paths) if path in wanted or not exact]
        _refuse_large_values(stored)
        fitting = _BATCH_BYTES * kept.num_rows // max(kept.total_byte_size, 1)
        n_rows = min(max(fitting, 1), _BATCH_ROWS if kept.total_byte_size <= _MANY_BYTES else _CAREFUL_ROWS)
        undecoded = _with_dictionaries(stored) if longest_bytes * n_rows > _BATCH_BYTES else _repeating(stored)
        for batch in self._reading(undecoded).iter_batches(n_rows, **asked):
            yield batch if exact else batch.select(list(columns))

    def _reading(self, undecoded: tuple[str, ...]) -> Any:
        """The file, of which these columns stay the indices of dictionaries."""
        import pyarrow.parquet as pq

        if undecoded not in self._files:
            if not isinstance(self._place, str):
                self._place.seek(0)
            self._files[undecoded] = pq.ParquetFile(
                self._place,
                metadata=self._metadata,
                read_dictionary=list(undecoded),
                page_checksum_verification=True,
            )
        return self._files[undecoded]


def _longest_of_dictionaries(first: Any) -> int:
    """Bytes of the longest value in the dictionaries of a group, whose rows may repeat it as often as they like."""
    import pyarrow as pa
    import pyarrow.compute as pc

    dictionaries = [
        column.dictionary for column in (first.columns if first else []) if pa.types.is_dictionary(column.type)
    ]
    longest = [pc.max(pc.binary_length(values)).as_py() for values in dictionaries if len(values)]
    return max(filter(None, longest), default=0)


def _with_dictionaries(stored: Sequence[Any]) -> tuple[str, ...]:
    """The columns of text that are stored with a dictionary."""
    texts = (column for column in stored if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page)
    return tuple(sorted({column.path_in_schema for column in texts}))


def _repeating(stored: Sequence[Any]) -> tuple[str, ...]:
    """The columns of text that hold few values many times: they stay so, as a few bytes may stand for gigabytes."""
    texts = (column for column in stored if column.physical_type == "BYTE_ARRAY")
    return tuple(sorted({c.path_in_schema for c in texts if c.total_uncompressed_size < _FEW_BYTES * c.num_values}))


def _refuse_large_values(stored: Sequence[Any]) -> None:
    """Raises InputError for a column whose values are larger, one by one, than any record may be."""
    for column in stored:
        stored_bytes, n_values = column.total_uncompressed_size, column.num_values
        if stored_bytes > MAX_RECORD_BYTES * (n_values + 1):
            raise InputError(
                f"column {column.path_in_schema!r} holds {stored_bytes >> 20:,} MiB in {n_values} values; a cell"
                f" may have {MAX_RECORD_BYTES >> 20} MiB"
            )


class _FeatherTable:
    def __init__(self, place: Any) -> None:
        import pyarrow as pa

        self._place = place
        file = pa.ipc.open_file(pa.memory_map(place) if isinstance(place, str) else place)
        self.schema = file.schema
        self.group_rows = [file.get_batch(i).num_rows for i in range(file.num_record_batches)]

    def batches(self, group: int, columns: Sequence[int]) -> Iterator[Any]:
        """Read, and not mapped into memory: a file that is cut short meanwhile is an error then, and no crash."""
        import pyarrow as pa

        source = pa.OSFile(self._place) if isinstance(self._place, str) else self._place
        yield pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=list(columns))).get_batch(group)


def _choice(table: _Table, source: Source, wanted: Wanted, judge: Judge) -> ColumnChoice:
    names = list(table.schema.names)
    if not names:
        raise InputError(f"{source.name}: the table has no columns")
    words = [at for at, field in enumerate(table.schema) if holds_text(field.type)]
    sample: dict[int, list[str]] = {}
    group = next((i for i, n_rows in enumerate(table.group_rows) if n_rows), None)
    if group is not None and words:
        first = next(_group(table, group, words, source, "table")).slice(0, LOOK_ROWS)
        first = next(bounded_parts(first, source.name))
        sample = {at: text_column(first.column(i)).to_pylist() for i, at in enumerate(words)}
    n_rows = len(next(iter(sample.values()), []))
    blank = [""] * n_rows
    rows = [names, *(list(row) for row in zip(*(sample.get(at, blank) for at in range(len(names))), strict=True))]
    choice = choose(Sample(rows, judge), wanted, source.name, has_header=True)
    kind = table.schema.field(choice.smiles).type
    if not holds_text(kind) and str(kind) != "null":
        raise InputError(
            f"{source.name}: column {choice.names[choice.smiles]!r} holds {kind} values, not SMILES; "
            "say which column does with `smiles_column`"
        )
    return choice


def _group(table: _Table, group: int, columns: Sequence[int], source: Source, kind: str) -> Iterator[Any]:
    """The batches of a group; what pyarrow says of damage, and rows that are not there, become an InputError."""
    import pyarrow as pa

    n_rows = 0
    try:
        for batch in table.batches(group, columns):
            batch.validate(full=True)
            n_rows += batch.num_rows
            yield batch
        if n_rows != table.group_rows[group]:  # the part of a Parquet file that says where they are has no checksum
            raise OSError(f"{n_rows:,} rows stand where {table.group_rows[group]:,} should")
    except UNREADABLE as error:
        raise InputError(f"{source.name}: cannot be read on: {error.strerror or error}") from error
    except (pa.ArrowException, OSError) as error:
        if is_shortage(error):
            raise shortage(error, f"while {source.name} was read") from error
        what = " ".join(str(error).split())
        raise InputError(f"{source.name}: the {kind} data are damaged: {what}; get another copy") from error
    except InputError as error:
        raise InputError(f"{source.name}: {error}") from error
