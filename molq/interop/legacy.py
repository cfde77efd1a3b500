"""What ``torch.save`` wrote before torch 1.6: four pickles, then the bytes of every storage, read without torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from molq.errors import CheckpointError
from molq.interop.inert import StorageRef
from molq.interop.unpickle import MAX_PICKLE_BYTES, Unpickled, first_pickle

_MAGIC = (0x1950A86A20F9469CFC6C).to_bytes(10, "little")
_HEAD_BYTES = 32
_COUNT_BYTES = 8
"""before the numbers of a storage stands how many they are"""


def is_legacy(head: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return _MAGIC in head[:_HEAD_BYTES]


class LegacyCheckpoint:
    """An open file: ``root`` is its object tree, ``data`` the bytes of one storage.

    Raises CheckpointError, without the file's name, when it is damaged or asks for what is refused.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._size_bytes = path.stat().st_size
            self._file.seek(self._file.read(_HEAD_BYTES).index(_MAGIC) + len(_MAGIC) + 1)
            self._pickle()  # the version of the format, always 1001
            system = self._pickle().value
            if isinstance(system, dict) and system.get("little_endian") is False:
                raise CheckpointError("its numbers are big-endian; save it again on a little-endian machine")
            self.root, storages, _ = self._pickle()
            self._places = self._located(self._pickle().value, storages)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Gives the file back."""
        self._file.close()

    def data(self, storage: StorageRef, n_bytes: int) -> bytes:
        """The bytes of a storage, which must be ``n_bytes``."""
        if storage.key not in self._places:
            raise CheckpointError(f"its storage {storage.key} is missing")
        self._file.seek(self._places[storage.key])
        data = self._file.read(n_bytes)
        if len(data) != n_bytes:
            raise CheckpointError(f"its storage {storage.key} is cut short")
        return data

    def _pickle(self) -> Unpickled:
        start = self._file.tell()
        made = first_pickle(self._file.read(MAX_PICKLE_BYTES))
        self._file.seek(start + made.n_bytes)
        return made

    def _located(self, keys: Any, storages: Mapping[str, StorageRef]) -> dict[str, int]:
        """Where the numbers of every storage begin."""
        if not isinstance(keys, list) or len(keys) > len(storages):
            raise CheckpointError("its list of storages is damaged")
        places: dict[str, int] = {}
        place = self._file.tell()
        for key in keys:
            storage = storages.get(key) if isinstance(key, str) else None
            if storage is None:
                raise CheckpointError("its list of storages names one that no tensor has")
            self._file.seek(place)
            n = int.from_bytes(self._file.read(_COUNT_BYTES), "little")
            size_bytes = 2 if storage.dtype == "bfloat16" else np.dtype(storage.dtype).itemsize
            places[key] = place + _COUNT_BYTES
            place += _COUNT_BYTES + n * size_bytes
            if n != storage.numel or place > self._size_bytes:
                raise CheckpointError(f"its storage {key} is cut short, or is not of the size that its tensors state")
        return places
