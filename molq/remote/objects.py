"""An object of a store, read from any byte to any other."""

from __future__ import annotations

from typing import Any

from molq.remote.filesystem import located
from molq.remote.ranges import ObjectState
from molq.remote.retrying import RemoteChangedError, RemoteError, retried


class StoreRanges:
    """The object as it was when it was opened; another in its place is noticed where a read fails."""

    def __init__(self, url: str) -> None:
        store, path = located(url)
        self._store, self._path = store, path
        self._file: Any = retried(lambda: store.open_input_file(path))
        self.state = self.told = retried(self._state)

    def fetch(self, start: int, stop: int) -> bytes:
        return retried(lambda: self._read(start, stop))

    def close(self) -> None:
        self._file.close()

    def _read(self, start: int, stop: int) -> bytes:
        try:
            data: bytes = self._file.read_at(stop - start, start)
        except OSError:
            self._file = self._store.open_input_file(self._path)
            if self._state() != self.state:
                raise RemoteChangedError("it was changed while it was read") from None
            raise
        if len(data) != stop - start:
            raise RemoteError(5, f"{len(data):,} bytes came where {stop - start:,} were asked for")
        return data

    def _state(self) -> ObjectState:
        told = {_text(key).lower(): _text(value) for key, value in (self._file.metadata() or {}).items()}
        etag = told.get("etag", "").strip('"')
        modified = told.get("last-modified") or str(self._store.get_file_info(self._path).mtime_ns)
        return ObjectState(etag, self._file.size(), modified)


def _text(told: str | bytes) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else told
