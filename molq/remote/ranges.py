"""What a remote object is read through: its state, and bytes from anywhere to anywhere."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class ObjectState(NamedTuple):
    """Of an object at one moment; whoever writes it anew changes it."""

    etag: str
    """the store's own mark of the content, "" where it gives none"""
    size_bytes: int
    modified: str
    """when, as the store writes it"""


class Ranges(Protocol):
    """What an object is read through."""

    @property
    def told(self) -> ObjectState:
        """The state as far as a first answer tells: of a server that keeps the size to itself that is 0."""
        ...

    @property
    def state(self) -> ObjectState: ...

    def fetch(self, start: int, stop: int) -> bytes:
        """These bytes, all of them. OSErrors pass."""
        ...

    def close(self) -> None: ...
