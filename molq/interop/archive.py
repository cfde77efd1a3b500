"""A file of ``torch.save``, old or new, as an object tree and tensors, read without torch."""

from __future__ import annotations

import math
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.errors import CheckpointError
from molq.files import require_file
from molq.interop.foreign import HEAD_BYTES, foreign_file
from molq.interop.inert import StorageRef, TensorRef
from molq.interop.legacy import LegacyCheckpoint, is_legacy
from molq.interop.zipped import ZippedCheckpoint

_ZIP = b"PK"
_SHARING = 4
"""times the size of the file that its tensors may have, views of one storage counted each"""


class TorchArchive:
    """An open checkpoint: ``root`` is its object tree, ``array`` reads one tensor of it.

    Raises CheckpointError, which names the file, when it is no checkpoint, is damaged, or asks for what is refused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            require_file(path, CheckpointError)
            self._left_bytes = _SHARING * path.stat().st_size
            self._content = _opened(path)
        except FileNotFoundError as error:
            raise CheckpointError(f"{path}: no such file") from error
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
        except CheckpointError as error:
            raise self._named(error) from error
        self.root: Any = self._content.root
        self._last: tuple[StorageRef | None, bytes] = None, b""

    def __enter__(self) -> TorchArchive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._content.close()

    def array(self, ref: TensorRef) -> NDArray[Any]:
        """The tensor as an array of its own; bfloat16 becomes float32.

        Raises CheckpointError when the tensors asked for so far take more than a few times what the file stores.
        """
        storage = ref.storage
        if 0 in ref.size:
            return np.empty(ref.size, np.float32 if storage.dtype == "bfloat16" else storage.dtype)
        dtype = np.dtype("<u2" if storage.dtype == "bfloat16" else storage.dtype)
        self._left_bytes -= math.prod(ref.size) * dtype.itemsize
        if self._left_bytes < 0:
            raise CheckpointError(
                f"{self.path}: its tensors share their numbers so often that they are far larger than the file"
            )
        if self._last[0] is not storage:
            try:
                self._last = storage, self._content.data(storage, storage.numel * dtype.itemsize)
            except CheckpointError as error:
                raise self._named(error) from error
        numbers = np.frombuffer(self._last[1], dtype, storage.numel)
        strides = [step * dtype.itemsize for step in ref.stride]
        view = np.lib.stride_tricks.as_strided(numbers[ref.offset :], ref.size, strides, writeable=False)
        if storage.dtype == "bfloat16":
            return (view.astype(np.uint32) << 16).view(np.float32)
        return np.array(view, copy=True)

    def _named(self, error: CheckpointError) -> CheckpointError:
        text = str(error)
        return error if text.startswith(f"{self.path}: ") else CheckpointError(f"{self.path}: {text}")


def _opened(path: Path) -> ZippedCheckpoint | LegacyCheckpoint:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_ZIP):
        return ZippedCheckpoint(path)
    if is_legacy(head):
        return LegacyCheckpoint(path)
    raise CheckpointError(foreign_file(head))
