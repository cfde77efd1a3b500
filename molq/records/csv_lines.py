"""Lines of CSV that every reader takes for one: cells with a line end of any kind stand in quotes."""

from __future__ import annotations

from collections.abc import Iterable

_SPECIAL = (",", '"', "\n", "\r")


def csv_line(cells: Iterable[object]) -> str:
    """One line with its end; None is an empty cell. Python's own writer leaves a lone carriage return without quotes.

    >>> csv_line(["CCO", None, 0.5, "a, b"])
    'CCO,,0.5,"a, b"\\n'
    """
    texts = [quoted("" if cell is None else str(cell)) for cell in cells]
    return ('""' if texts == [""] else ",".join(texts)) + "\n"


def quoted(text: str) -> str:
    """The cell, in quotes where it needs them."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in _SPECIAL) else text
