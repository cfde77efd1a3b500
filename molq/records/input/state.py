"""By what it is seen that a file was changed while it was read."""

from __future__ import annotations

import os
from typing import NamedTuple

from molq.records.input.source import Source


class FileState(NamedTuple):
    """Of a file at one moment; whoever writes to it or puts another in its place changes it."""

    device: int
    inode: int
    size_bytes: int
    changed_ns: int


def state_of(source: Source) -> FileState | None:
    """The state of a source that is a file; None for streams and bytes in memory, and for a file that is gone."""
    if source.is_stream or source.data is not None:
        return None
    try:
        status = os.stat(source.path)
    except OSError:
        return None
    return FileState(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
