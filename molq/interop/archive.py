"""The zip archive that ``torch.save`` writes, read without torch."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.errors import CheckpointError
from molq.files import require_file
from molq.interop.inert import TensorRef
from molq.interop.unpickle import MAX_PICKLE_BYTES, unpickle

_MAX_ENTRIES = 100_000
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
            size_bytes = path.stat().st_size
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise CheckpointError(f"{path}: no such file") from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise CheckpointError(f"{path}: not a torch checkpoint, or cut short (it is no complete zip)") from error
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
        try:
            self._entries = self._checked_entries(size_bytes)
            self._prefix = self._root_folder()
            self.root = self._unpickled()
            self._left_bytes = _SHARING * size_bytes
            self._last: tuple[str, bytes] = "", b""
        except CheckpointError:
            self._zip.close()
            raise

    def __enter__(self) -> TorchArchive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

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
            raise self._refused("its tensors share their numbers so often that they are far larger than the file")
        name = f"{self._prefix}/data/{storage.key}"
        if self._last[0] != name:
            self._last = name, self._read(name, storage.numel * dtype.itemsize)
        data = self._last[1]
        numbers = np.frombuffer(data, dtype, storage.numel)
        strides = [step * dtype.itemsize for step in ref.stride]
        view = np.lib.stride_tricks.as_strided(numbers[ref.offset :], ref.size, strides, writeable=False)
        if storage.dtype == "bfloat16":
            return (view.astype(np.uint32) << 16).view(np.float32)
        return np.array(view, copy=True)

    def _checked_entries(self, size_bytes: int) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > _MAX_ENTRIES:
            raise self._refused(f"its zip lists {len(entries):,} entries")
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
                raise self._refused(f"its entry {entry.filename!a} is compressed, and torch stores plainly")
            if entry.flag_bits & 0x1:
                raise self._refused(f"its entry {entry.filename!a} is encrypted")
        total = sum(entry.file_size for entry in entries)
        if total > size_bytes:
            raise self._refused(f"its zip claims {total:,} bytes of content in a file of {size_bytes:,} bytes")
        by_name = {entry.filename: entry for entry in entries}
        if len(by_name) != len(entries):
            raise self._refused("its zip holds two entries of one name")
        return by_name

    def _root_folder(self) -> str:
        folders = [name.removesuffix("/data.pkl") for name in self._entries if name.endswith("/data.pkl")]
        folders = [folder for folder in folders if "/" not in folder]
        if len(folders) != 1:
            raise self._refused(f"it is no torch checkpoint: {len(folders)} data.pkl in its zip, where one belongs")
        return folders[0]

    def _unpickled(self) -> Any:
        order = f"{self._prefix}/byteorder"
        if order in self._entries and self._read(order, None, 16).strip() != b"little":
            raise self._refused("its numbers are big-endian; save it again on a little-endian machine")
        data = self._read(f"{self._prefix}/data.pkl", None, MAX_PICKLE_BYTES)
        try:
            return unpickle(data)
        except CheckpointError as error:
            raise self._refused(str(error)) from error

    def _read(self, name: str, n_bytes: int | None, limit: int | None = None) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise self._refused(f"its entry {name} is missing")
        if n_bytes is not None and entry.file_size != n_bytes:
            raise self._refused(f"its entry {name} has {entry.file_size:,} bytes, not the {n_bytes:,} of its tensor")
        if limit is not None and entry.file_size > limit:
            raise self._refused(
                f"its entry {name} has {entry.file_size:,} bytes, more than the {limit:,} that are read"
            )
        try:
            data = self._zip.read(entry)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
            raise self._refused(f"its entry {name} is damaged ({error})") from error
        if len(data) != entry.file_size:
            raise self._refused(f"its entry {name} is cut short")
        return data

    def _refused(self, what: str) -> CheckpointError:
        return CheckpointError(f"{self.path}: {what}")
