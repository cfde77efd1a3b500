"""Lines of prose for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from molq.report.table import WIDTH
from molq.report.terms import TERMS


def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """``text`` in lines of 80 columns, the first after ``first`` and the others after ``rest`` (as many spaces).

    A text that quotes a command, between backticks, stays on one line, so that the command can be copied.
    """
    if "`" in text:
        return first + text
    indent = " " * len(first) if rest is None else rest
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def explained(words: Iterable[str]) -> list[str]:
    """A line for each of the words of ``terms``."""
    return [wrapped(f"{word}: {TERMS[word]}.") for word in words]
