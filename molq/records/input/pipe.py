"""A pipe by its path, opened without waiting for ever for somebody who writes to it."""

from __future__ import annotations

import io
import os
import time
from typing import BinaryIO, cast

from molq.errors import InputError

WAIT_S = 10.0
_STEP_S = 0.02
_BUFFER_BYTES = 1 << 18


def opened_pipe(path: str) -> BinaryIO:
    """What a named pipe gives. A writer may take its time once it is there, as on standard input.

    Raises InputError when it cannot be opened, or when nobody has opened it for writing in ``WAIT_S`` seconds.
    """
    try:
        # an open that waits would wait for a writer that may never come
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    try:
        first = _first_byte(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    os.set_blocking(descriptor, True)
    return cast(BinaryIO, io.BufferedReader(_Begun(first, io.FileIO(descriptor)), _BUFFER_BYTES))


def _first_byte(descriptor: int, path: str) -> bytes:
    """The first byte of a pipe, or none where somebody is there to write but has not begun."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        try:
            if first := os.read(descriptor, 1):
                return first
        except BlockingIOError:  # an open pipe that is empty; without a writer it would be at its end
            return b""
        time.sleep(_STEP_S)
    raise InputError(
        f"{path}: a pipe that nobody has written to for {WAIT_S:g} s; start what writes to it, or name a file"
    )


class _Begun(io.RawIOBase):
    """A byte taken already, then the rest of the pipe."""

    def __init__(self, first: bytes, rest: io.RawIOBase) -> None:
        self._first, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        if self._first:
            buffer[:1], self._first = self._first, b""
            return 1
        return self._rest.readinto(buffer)

    def close(self) -> None:
        self._rest.close()
        super().close()
