"""SD files: records cut, mol block, title and data fields told apart. What the block means is not known here."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from molq.records.input.kind import COUNTS_LINE
from molq.records.text.lines import BLANKS, Spans, line_ends, spans_between

_MARK = b"$$$$"
_END = b"M  END"
_HEADER_LINES = 3
"""of a mol block, before its counts line"""


class SdfRecord(NamedTuple):
    """One record: the mol block up to ``M  END``, the title line, and the data fields in order."""

    block: str
    title: str
    data: dict[str, str]


def sdf_spans(data: bytes, final: bool) -> Spans:
    """The complete records of ``data``; each ends with its ``$$$$`` line, or where another mol block begins."""
    stops = line_ends(data, final)
    ends: list[int] = []
    start = at = 0
    while (at := data.find(_MARK, at)) >= 0:
        if at and data[at - 1] not in b"\r\n":
            at += 1
            continue
        line = int(np.searchsorted(stops, at, side="right"))
        if line == len(stops):
            break
        at = int(stops[line])
        ends += [*_unmarked(data, start, at), at]
        start = at
    last = len(data) if final else int(stops[-1]) if len(stops) else 0
    ends += _unmarked(data, start, last)
    if final and data[start:].strip(BLANKS):
        ends.append(len(data))
    return spans_between(np.array(ends, np.int64))


def read_sdf_record(text: str) -> SdfRecord:
    """The parts of one record. Fields are told apart as RDKit does it: a field ends with an empty line."""
    lines = re.split("\r\n|\n|\r", text) if "\r" in text else text.split("\n")
    end = next((i for i, line in enumerate(lines) if line.startswith("M  END")), len(lines) - 1)
    return SdfRecord("\n".join(lines[: end + 1]) + "\n", lines[0].strip(), _fields(lines[end + 1 :]))


def _fields(lines: list[str]) -> dict[str, str]:
    data: dict[str, str] = {}
    rest = iter(lines)
    for line in rest:
        if line.startswith("$$$$"):
            break
        if not line.strip().startswith(">"):
            continue
        name = line.partition("<")[2].rpartition(">")[0].strip()
        if not name:
            continue
        value = []
        for inner in rest:
            if inner.startswith("$$$$") or not (inner.strip() or inner[:1] in (" ", "\t")):
                break
            value.append(inner)
        data[name] = "\n".join(value)
    return data


def _unmarked(data: bytes, start: int, stop: int) -> list[int]:
    """Where, between two ``$$$$`` lines, further mol blocks begin: their records lack the mark before them.

    Only what comes before such a place decides about it, so that it does not matter how much is at hand.
    """
    if data.count(b"V2000", start, stop) + data.count(b"V3000", start, stop) < 2:
        return []
    lines = [0, *line_ends(data[start:stop], True).tolist()]
    begins: list[int] = []
    ended_at: int | None = None
    for i in range(len(lines) - 1):
        line = data[start + lines[i] : start + lines[i + 1]]
        if line.startswith(_END):
            ended_at = i
        elif ended_at is not None and i > ended_at + _HEADER_LINES and COUNTS_LINE.match(line):
            first = i - _HEADER_LINES
            before = data[start + lines[first - 1] : start + lines[first]]
            if not (before.startswith(b">") and b"<" in before):  # a mol block may be the value of a field
                begins.append(start + lines[first])
                ended_at = None
    return begins
