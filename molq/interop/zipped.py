"""The zip that ``torch.save`` writes since torch 1.6, read without torch."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from molq.errors import CheckpointError
from molq.interop.inert import StorageRef
from molq.interop.unpickle import MAX_PICKLE_BYTES, unpickle

_MAX_ENTRIES = 100_000
_LONG, _N_SHOWN = 40, 3


class ZippedCheckpoint:
    """An open zip: ``root`` is its object tree, ``data`` the bytes of one storage.

    Raises CheckpointError, without the file's name, when it is damaged or asks for what is refused.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise CheckpointError("a torch checkpoint that was cut short (it is no complete zip)") from error
        try:
            self._entries = self._checked_entries(path.stat().st_size)
            self._prefix = self._root_folder()
            self.root = self._unpickled()
        except CheckpointError:
            self._zip.close()
            raise

    def close(self) -> None:
        """Gives the file back."""
        self._zip.close()

    def data(self, storage: StorageRef, n_bytes: int) -> bytes:
        """The bytes of a storage, which must be ``n_bytes``."""
        return self._read(f"{self._prefix}/data/{storage.key}", n_bytes)

    def _checked_entries(self, size_bytes: int) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > _MAX_ENTRIES:
            raise CheckpointError(f"its zip lists {len(entries):,} entries")
        _require_torchs([entry.filename for entry in entries])
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
                raise CheckpointError(f"its entry {entry.filename!a} is compressed, and torch stores plainly")
            if entry.flag_bits & 0x1:
                raise CheckpointError(f"its entry {entry.filename!a} is encrypted")
        total = sum(entry.file_size for entry in entries)
        if total > size_bytes:
            raise CheckpointError(f"its zip claims {total:,} bytes of content in a file of {size_bytes:,} bytes")
        by_name = {entry.filename: entry for entry in entries}
        if len(by_name) != len(entries):
            raise CheckpointError("its zip holds two entries of one name")
        return by_name

    def _root_folder(self) -> str:
        folders = [name.removesuffix("/data.pkl") for name in self._entries if name.endswith("/data.pkl")]
        folders = [folder for folder in folders if "/" not in folder]
        if len(folders) != 1:
            raise CheckpointError(f"it is no torch checkpoint: {len(folders)} data.pkl in its zip, where one belongs")
        return folders[0]

    def _unpickled(self) -> Any:
        order = f"{self._prefix}/byteorder"
        if order in self._entries and self._read(order, None, 16).strip() != b"little":
            raise CheckpointError("its numbers are big-endian; save it again on a little-endian machine")
        return unpickle(self._read(f"{self._prefix}/data.pkl", None, MAX_PICKLE_BYTES))

    def _read(self, name: str, n_bytes: int | None, limit: int | None = None) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise CheckpointError(f"its entry {name} is missing")
        if n_bytes is not None and entry.file_size != n_bytes:
            raise CheckpointError(f"its entry {name} has {entry.file_size:,} bytes, not the {n_bytes:,} of its tensor")
        if limit is not None and entry.file_size > limit:
            raise CheckpointError(
                f"its entry {name} has {entry.file_size:,} bytes, more than the {limit:,} that are read"
            )
        try:
            data = self._zip.read(entry)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
            raise CheckpointError(f"its entry {name} is damaged ({error})") from error
        if len(data) != entry.file_size:
            raise CheckpointError(f"its entry {name} is cut short")
        return data


def _require_torchs(names: list[str]) -> None:
    """Returns when a zip may be a checkpoint by the names in it. Raises CheckpointError, saying what else it is."""
    ends = {name.rpartition("/")[2] for name in names}
    if {"data.pkl", "constants.pkl"} <= ends:
        raise CheckpointError(
            "it is a TorchScript archive, a compiled module, which says too little of the network; save the model that"
            " it was made of with chemprop.models.save_model"
        )
    if "data.pkl" not in ends:
        shown = ", ".join(f"{name[:_LONG]!a}" for name in names[:_N_SHOWN]) or "nothing"
        raise CheckpointError(f"it is a zip of other things ({shown}), not a torch checkpoint")
