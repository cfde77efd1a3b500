"""What a command found, on standard output: as text for people or as JSON for programs; asides on standard error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer

T = TypeVar("T")


def show(found: T, text: Callable[[T], str], as_json: bool) -> None:
    """``found`` as ``text`` draws it, or whole as JSON."""
    if as_json:
        show_json(found)
    else:
        typer.echo(text(found))


def show_json(found: Any) -> None:
    """``found`` whole as JSON: a result, or a dictionary of results and plain values."""
    from molq.results.plain import plain
    from molq.serial import to_pretty_json

    typer.echo(to_pretty_json(plain(found)))


def aside(line: str) -> None:
    """A line beside the answer."""
    typer.echo(line, err=True)
