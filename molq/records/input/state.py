"""By what it is seen that a file was changed while it was read."""

from __future__ import annotations

import os
from typing import NamedTuple

from molq.errors import InputError
from molq.records.input.source import Source
from molq.remote.opened import state_at
from molq.remote.ranges import ObjectState


class FileState(NamedTuple):
    """Of a file at one moment; whoever writes to it or puts another in its place changes it."""

    device: int
    inode: int
    size_bytes: int
    changed_ns: int


def state_of(source: Source) -> FileState | ObjectState | None:
    """The state of a source that is a file; None for streams and bytes in memory, and for a file that is gone.

    Raises InputError where a store does not say.
    """
    if source.is_stream or source.data is not None:
        return None
    if source.is_remote:
        try:
            return state_at(source.path)
        except OSError as error:
            raise InputError(f"{source.name}: {error.strerror or error}") from error
    try:
        status = os.stat(source.path)
    except OSError:
        return None
    return FileState(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
