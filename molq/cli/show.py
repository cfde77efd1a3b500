"""What a command found, on standard output: as text for people or as JSON for programs; asides on standard error.

Everything that a command prints goes through here, and nothing of it moves the cursor or poses as a line of molq's.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from molq.cli.streams import unwritten
from molq.urls import seen
from molq.visible import lines, one_line, readable

T = TypeVar("T")


def show(found: T, text: Callable[[T], str], as_json: bool = False, *, beside: bool = False) -> None:
    """``found`` as ``text`` draws it, or whole as JSON; ``beside`` the answer on standard error."""
    if as_json:
        show_json(found)
    else:
        (_aside if beside else _answer)(lines(text(readable(found))))


def show_json(found: Any) -> None:
    """``found`` whole as JSON in ASCII: a result, or a dictionary of results and plain values."""
    import json

    from molq.results.plain import plain

    _answer(seen(json.dumps(plain(found), indent=2)))


def say(line: str) -> None:
    """A line of the answer."""
    _answer(one_line(line))


def aside(line: str) -> None:
    """A line beside the answer."""
    _aside(one_line(line))


def _answer(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritten(error) from error


def _aside(text: str) -> None:
    with contextlib.suppress(OSError):  # where standard error takes nothing there is nobody to tell
        print(text, file=sys.stderr, flush=True)
