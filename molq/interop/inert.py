"""The values that an unpickled checkpoint is made of, none of which can run code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False, repr=False)
class Global:
    """The name of a class or function, as the pickle wrote it. It is never looked up."""

    module: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False, repr=False)
class Instance:
    """A call that the pickle asked for and that was not made: the callee, its arguments and the state to set."""

    cls: Global
    args: tuple[Any, ...]
    state: Any = None


@dataclass(frozen=True, eq=False, repr=False)
class StorageRef:
    """A run of ``numel`` numbers in the checkpoint's archive, not read yet."""

    key: str
    dtype: str
    numel: int


@dataclass(frozen=True, eq=False, repr=False)
class TensorRef:
    """A view of a storage, in elements, not read yet."""

    storage: StorageRef
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
