"""Standard streams that take what a command says: closed, full, or of an encoding that lacks its letters."""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper
from typing import TextIO

from molq.errors import OutputError

_PLAIN = {
    "─": "-",
    "│": "|",
    "×": "x",
    "→": "->",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "·": "*",
    "±": "+-",
    "≥": ">=",
    "≤": "<=",
    "²": "2",
    "³": "3",
    "µ": "u",
    "ρ": "rho",
    "Å": "A",
    "’": "'",
}
"""letters of molq's own in ASCII; any other becomes an escape"""


def open_streams() -> None:
    """Gives every standard stream a place and a way to write what its encoding lacks.

    A stream that is closed would give its number to the next file that is opened, and a library's message would land in
    that file. Standard output that is closed stays one that cannot be written to; nobody misses the others.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free number, which is this one
    codecs.register_error("molq", _in_plain_letters)
    sys.stdout = _stream(sys.stdout, 1)
    sys.stderr = _stream(sys.stderr, 2)


def flush_output() -> None:
    """Writes what standard output still holds. Raises OutputError when it cannot be written, and as a pipe does."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritten(error) from error


def drop_output() -> None:
    """Forgets what standard output still holds, so that the interpreter does not try again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def unwritten(error: OSError) -> OutputError:
    """What to say of standard output that takes nothing."""
    return OutputError(f"standard output cannot be written ({error.strerror or error}); send it to another place")


def _stream(stream: TextIO | None, number: int) -> TextIO:
    if stream is None:
        return TextIOWrapper(open(number, "wb", closefd=False), errors="molq", line_buffering=True)
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="molq")
    return stream


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    plain = (_PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in letters)
    return "".join(plain), error.end
