"""Bytes of a .molq file: a safetensors file that has exactly one valid spelling, guarded by a hash.

Layout (safetensors): header length as 8 bytes little-endian, header as JSON, tensors end to end. The header's
``__metadata__`` holds one key, ``molq``, whose text is the metadata as canonical JSON. A reader that spells the header
again must get the same bytes, and the hash covers metadata, tensor table and tensors, so no byte can change unseen.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from molq.errors import ModelFileError
from molq.files import refuse_output, write_whole

FORMAT_VERSION = 1
MAX_HEADER_BYTES = 1 << 24
_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class Entry(NamedTuple):
    """Place of one tensor; ``start`` and ``stop`` count bytes from the end of the header."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    stop: int


class Header(NamedTuple):
    """A .molq file before any tensor is read."""

    path: Path
    metadata: dict[str, Any]
    """as it was given to ``write``"""
    entries: dict[str, Entry]
    content_hash: str
    """``sha256:`` and 64 hexadecimal digits, as the file states it"""
    data_start: int
    size_bytes: int


def write(path: Path, metadata: Mapping[str, Any], tensors: Mapping[str, Tensor], *, force: bool = False) -> Header:
    """Writes the file whole or not at all, and returns its header. The same arguments give the same bytes.

    Raises OutputError when ``path`` exists and ``force`` is False, or when it cannot be written.
    """
    table, data = _packed(tensors)
    content_hash = _content_hash(metadata, table, data)
    header = _header_bytes(metadata, table, content_hash)
    blob = len(header).to_bytes(8, "little") + header + data
    refuse_output(path, force=force)
    write_whole(path, blob)
    return read_header(path)


def read_header(path: Path) -> Header:
    """What the file says of itself. Raises ModelFileError when it is no .molq file, is damaged, or is too new."""
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size_bytes < 8 or not 2 <= length <= min(MAX_HEADER_BYTES, size_bytes - 8):
                raise ModelFileError(f"{path}: not a .molq file, or cut short")
            raw = file.read(length)
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: no such file") from error
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror})") from error
    return _parsed_header(path, raw, size_bytes)


def read_tensors(header: Header) -> dict[str, Tensor]:
    """All tensors of the file, each with memory of its own. Raises ModelFileError when a byte was altered."""
    with header.path.open("rb") as file:
        file.seek(header.data_start)
        data = bytearray(file.read())
    table = _table(header.entries)
    if len(data) != header.size_bytes - header.data_start or (
        _content_hash(header.metadata, table, data) != header.content_hash
    ):
        raise ModelFileError(f"{header.path}: its content does not match its hash, so it was damaged or altered")
    return {name: _tensor(data[entry.start : entry.stop], entry) for name, entry in header.entries.items()}


def _parsed_header(path: Path, raw: bytes, size_bytes: int) -> Header:
    try:
        content = json.loads(raw)
        described = json.loads(content["__metadata__"]["molq"])
        metadata = described["model"]
        version, content_hash = described["format_version"], described["content_hash"]
        if not isinstance(metadata, dict) or type(version) is not int or not isinstance(content_hash, str):
            raise TypeError("metadata of a wrong type")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(f"{path}: not a .molq file, or a damaged one (its header cannot be read)") from error
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path}: written in format version {version}, and this molq reads {FORMAT_VERSION}; upgrade molq"
        )
    entries = _parsed_entries(path, content, size_bytes - 8 - len(raw))
    try:
        spelled = _header_bytes(metadata, _table(entries), content_hash)
    except (ValueError, RecursionError):  # numbers or depths that no writer produces
        spelled = b""
    if spelled != raw:
        raise ModelFileError(f"{path}: its header was damaged or altered")
    return Header(path, metadata, entries, content_hash, 8 + len(raw), size_bytes)


def _parsed_entries(path: Path, content: Mapping[str, Any], data_bytes: int) -> dict[str, Entry]:
    entries, place = {}, 0
    for name, value in content.items():
        if name == "__metadata__":
            continue
        match value:
            case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(stop)]} if (
                dtype in _DTYPES and len(shape) <= 8 and all(type(n) is int and 0 <= n < 1 << 40 for n in shape)
            ):
                entry = Entry(_DTYPES[dtype], tuple(shape), start, stop)
                if start == place and stop - start == math.prod(shape) * entry.dtype.itemsize:
                    entries[name], place = entry, stop
                    continue
        raise ModelFileError(f"{path}: its tensor {name[:80]!r} is not where and what it should be")
    if place != data_bytes:
        raise ModelFileError(f"{path}: {data_bytes:,} bytes of tensors where {place:,} belong; it was cut or added to")
    return entries


def _packed(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Any], bytes]:
    """Tensor table and data, widest numbers first so that each tensor is aligned."""
    entries: dict[str, Entry] = {}
    chunks: list[bytes] = []
    place = 0
    for name in sorted(tensors, key=lambda key: (-tensors[key].dtype.itemsize, key)):
        tensor = tensors[name].detach().cpu().contiguous()
        chunk = tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        entries[name] = Entry(tensor.dtype, tuple(tensor.shape), place, place + len(chunk))
        chunks.append(chunk)
        place += len(chunk)
    return _table(entries), b"".join(chunks)


def _table(entries: Mapping[str, Entry]) -> dict[str, Any]:
    return {
        name: {"dtype": _NAMES[e.dtype], "shape": list(e.shape), "data_offsets": [e.start, e.stop]}
        for name, e in entries.items()
    }


def _header_bytes(metadata: Mapping[str, Any], table: Mapping[str, Any], content_hash: str) -> bytes:
    described = {"content_hash": content_hash, "format_version": FORMAT_VERSION, "model": metadata}
    header = {"__metadata__": {"molq": _canonical(described)}, **table}
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return text + b" " * (-len(text) % 8)


def _content_hash(metadata: Mapping[str, Any], table: Mapping[str, Any], data: bytes | bytearray) -> str:
    digest = hashlib.sha256(_canonical([FORMAT_VERSION, metadata, table]).encode())
    digest.update(data)
    return f"sha256:{digest.hexdigest()}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _tensor(data: bytearray, entry: Entry) -> Tensor:
    if not data:
        return torch.empty(entry.shape, dtype=entry.dtype)
    return torch.frombuffer(data, dtype=entry.dtype).reshape(entry.shape)
