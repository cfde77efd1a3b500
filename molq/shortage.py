"""Whether an error says that the machine is short of something, whichever library raised it, and how that is said."""

from __future__ import annotations

import errno
import re

from molq.errors import ShortageError

_ERRNOS = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EAGAIN, errno.EDQUOT}
_WORDS = re.compile(
    r"bad_alloc|(cannot|can't|unable to|failed to) (allocate|map segment|start new thread)|(not enough|out of) memory",
    re.IGNORECASE,
)
_LENGTH = 200


def is_shortage(error: BaseException) -> bool:
    """Whether memory, disk space, processes or open files ran out, or an error came of such a one.

    A shortage is the machine's fault of a moment: it must never be held against a molecule.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return True
        if isinstance(cause, OSError) and cause.errno in _ERRNOS:
            return True
        if isinstance(cause, RuntimeError | ImportError | OSError) and _WORDS.search(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def in_a_line(error: BaseException) -> str:
    """What ran out, as the library said it."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:_LENGTH].rstrip(": ")


def shortage(error: BaseException, doing: str) -> ShortageError:
    """The error to raise instead, with what was being done."""
    return ShortageError(f"the machine ran short {doing} ({in_a_line(error)}); free memory or disk space")
