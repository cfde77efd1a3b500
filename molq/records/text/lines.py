"""Where lines and records of a text begin and end. A line ends with ``\\n``, ``\\r\\n`` or a bare ``\\r``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_BLANK_BYTES = 64 << 20
"""of white space between two records, which a few bytes of a compressed file can unpack to without end"""
BLANKS = b" \t\n\r\v\f"
_IS_BLANK = np.zeros(256, bool)
_IS_BLANK[list(BLANKS)] = True
_LF, _CR = 10, 13

Places = NDArray[np.int64]


class Spans(NamedTuple):
    """n records of a text, in order; between them stand blank lines alone."""

    starts: Places
    stops: Places
    """with their line ends"""

    def at(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Spans:
        return Spans(self.starts[index], self.stops[index])


def line_spans(data: bytes, final: bool, delimiter: bytes = b"") -> Spans:
    """The lines of ``data`` that are complete and not blank; the last one too where the text is ``final``.

    A line that holds the ``delimiter`` is not blank: it is a row of empty cells.
    """
    return not_blank(data, spans_between(line_ends(data, final)), delimiter)


def line_ends(data: bytes, final: bool) -> Places:
    """Where each line stops, its end included. A ``\\r`` that ends ``data`` counts only where the text is ``final``."""
    codes = np.frombuffer(data, np.uint8)
    is_end = codes == _LF
    if b"\r" in data:
        bare = codes == _CR
        bare[:-1] &= ~is_end[1:]
        bare[-1:] &= final
        is_end |= bare
    ends = np.flatnonzero(is_end) + 1
    if final and len(data) and (not len(ends) or ends[-1] < len(data)):
        ends = np.append(ends, len(data))
    return ends


def not_blank(data: bytes, spans: Spans, delimiter: bytes) -> Spans:
    """The spans that hold more than white space."""
    if not len(spans.starts):
        return spans
    codes = np.frombuffer(data, np.uint8)
    if not _IS_BLANK[codes[spans.starts]].any():
        return spans
    holds = ~_IS_BLANK[codes]
    if delimiter:
        holds |= codes == delimiter[0]
    filled = np.append(np.flatnonzero(holds), len(codes))
    first = filled[np.searchsorted(filled, spans.starts)]  # [n] the first byte from each start on that is not blank
    return spans.at(first < spans.stops)


def content_stops(data: bytes, spans: Spans) -> Places:
    """Where each record stops without its line end."""
    codes = np.frombuffer(data, np.uint8)
    stops = spans.stops.copy()
    for end in (_LF, _CR):
        todo = stops > spans.starts
        stops[todo] -= codes[stops[todo] - 1] == end
    return stops


def spans_between(ends: Places) -> Spans:
    """Spans that follow each other from 0 on, each up to one of ``ends``."""
    return Spans(np.concatenate([np.zeros(1, np.int64), ends[:-1]])[: len(ends)], ends)
