"""Where results go: each sink can make what it has durable, and go on from there after a crash."""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from molq.errors import OutputError
from molq.screening.run_directory import sync_directory

GZIP_LEVEL = 5


class Sink(Protocol):
    """Takes result bodies in order. Everything is OSError-prone: the caller names the output."""

    def open(self, folder: Path, state: dict[str, Any]) -> None:
        """Begin, or with a ``state`` that ``commit`` gave, go on after it."""
        ...

    def write(self, body: bytes) -> None: ...

    def commit(self) -> dict[str, Any]:
        """Make a shard durable; the state from which to go on."""
        ...

    def finish(self) -> list[Path]:
        """Put the output in place; its files. Can be done again after a crash."""
        ...

    def close(self) -> None:
        """Let go of what is open, whatever happened."""
        ...


class StreamSink:
    """CSV to standard output, as it comes."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def open(self, folder: Path, state: dict[str, Any]) -> None:
        sys.stdout.buffer.write(self._header)

    def write(self, body: bytes) -> None:
        sys.stdout.buffer.write(body)

    def commit(self) -> dict[str, Any]:
        sys.stdout.buffer.flush()
        return {}

    def finish(self) -> list[Path]:
        sys.stdout.buffer.flush()
        return []

    def close(self) -> None:
        pass


class CsvSink:
    """One growing file, renamed at the end; with gzip each shard is a member of its own."""

    def __init__(self, output: Path, header: bytes, gzipped: bool) -> None:
        self._output, self._header, self._gzipped = output, header, gzipped
        self._file: BinaryIO | None = None

    def open(self, folder: Path, state: dict[str, Any]) -> None:
        self._part = folder / "part"
        size = state.get("bytes", 0)
        if state.get("done") and not self._part.exists():
            return
        if size and (not self._part.exists() or self._part.stat().st_size < size):
            raise OutputError(f"{self._part}: shorter than the manifest says; start over with --force")
        self._file = self._part.open("r+b" if size else "wb")
        self._file.truncate(size)
        self._file.seek(size)
        self._compressor = self._new_compressor()
        if not size:
            self.write(self._header)

    def write(self, body: bytes) -> None:
        assert self._file is not None
        self._file.write(self._compressor.compress(body) if self._compressor else body)

    def commit(self) -> dict[str, Any]:
        assert self._file is not None
        if self._compressor:
            self._file.write(self._compressor.flush())
            self._compressor = self._new_compressor()
        self._file.flush()
        os.fsync(self._file.fileno())
        return {"bytes": self._file.tell()}

    def finish(self) -> list[Path]:
        if self._file is not None:
            self._file.close()
            os.replace(self._part, self._output)
            sync_directory(self._output.parent)
        return [self._output]

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def _new_compressor(self) -> Any:
        return zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31) if self._gzipped else None
