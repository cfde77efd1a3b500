"""Columns of an Arrow table as columns of text, whatever their type."""

from __future__ import annotations

import base64
import json
from typing import Any


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
