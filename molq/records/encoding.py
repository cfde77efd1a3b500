"""Bytes as text: UTF-8, and what is no UTF-8 as Windows-1252, record by record."""

from __future__ import annotations

import numpy as np

from molq.records.text.lines import Spans, spans_between

_UNDEFINED = {0x81: 0x81, 0x8D: 0x8D, 0x8F: 0x8F, 0x90: 0x90, 0x9D: 0x9D}
_WINDOWS_1252 = {code: ord(bytes([code]).decode("cp1252")) for code in range(0x80, 0xA0) if code not in _UNDEFINED}


def text_of(record: bytes) -> str:
    """The text of one record."""
    try:
        return record.decode("utf-8")
    except UnicodeDecodeError:
        return record.decode("latin-1").translate(_WINDOWS_1252)


def is_utf8(data: bytes) -> bool:
    """Whether all of ``data`` is UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def utf8_records(data: bytes, spans: Spans) -> tuple[bytes, Spans]:
    """The same records in UTF-8, with where they stand then."""
    records = [text_of(data[start:stop]).encode() for start, stop in zip(*map(list, spans), strict=True)]
    ends = np.cumsum([len(record) for record in records], dtype=np.int64)
    return b"".join(records), spans_between(ends)
