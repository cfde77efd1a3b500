"""Columns of an Arrow table as columns of text, whatever their type."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError
from molq.records.chunk import MAX_RECORD_BYTES

_PART_BYTES = 32 << 20


def text_column(column: Any) -> Any:
    """An Arrow string array of the same length; an absent value is empty.

    Numbers, dates and truth values come as Arrow writes them, whole floats without a point; lists and structs as JSON;
    bytes as text where they are UTF-8, else as base64.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = _plain(column)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.fill_null(column.cast(pa.large_string()), "")
    if pa.types.is_null(kind):
        return pa.array([""] * len(column), pa.large_string())
    if pa.types.is_nested(kind) or _is_binary(kind):
        return pa.array([_text(value) for value in column.to_pylist()], pa.large_string())
    try:
        return pc.fill_null(column.cast(pa.large_string()), "")
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([_text(value) for value in column.to_pylist()], pa.large_string())


def bounded_parts(batch: Any, name: str) -> Iterator[Any]:
    """The rows of a record batch, so many at a time as make tens of megabytes of text.

    Raises InputError, naming the source ``name``, for a cell that is larger than a record may be.
    """
    sizes = np.zeros(batch.num_rows, np.int64)
    for at, column in enumerate(batch.columns):
        lengths = _text_bytes(column)
        if lengths is None:
            continue
        if len(lengths) and lengths.max() > MAX_RECORD_BYTES:
            raise InputError(
                f"{name}: a cell of column {batch.schema.names[at]!r} is larger than {MAX_RECORD_BYTES >> 20} MiB"
            )
        sizes += lengths
    ends = np.cumsum(sizes)
    start = 0
    while start < batch.num_rows or (start == 0 and batch.num_rows == 0):
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + _PART_BYTES, side="right")))
        yield batch.slice(start, stop - start)
        start = stop


def _text_bytes(column: Any) -> NDArray[np.int64] | None:
    """Bytes of each cell [n] of a column of text or bytes; None of any other."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        of_values = _text_bytes(column.dictionary)
        if of_values is None:
            return None
        places = pc.fill_null(column.indices, 0).to_numpy(zero_copy_only=False)
        return of_values[places] if len(of_values) else np.zeros(len(column), np.int64)
    kind = column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_binary(kind)):
        return None
    return pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)


def holds_text(kind: Any) -> bool:
    """Whether values of an Arrow type are words, and not numbers, bytes or lists."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _plain(column: Any) -> Any:
    """The column without chunks, dictionaries, views and extension types."""
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    return column


def _is_binary(kind: Any) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return _decoded(value)
    if isinstance(value, str):
        return value
    return json.dumps(
        value, ensure_ascii=False, default=lambda inner: _decoded(inner) if isinstance(inner, bytes) else str(inner)
    )


def _decoded(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
    return text if "\0" not in text else base64.b64encode(value).decode()
