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
from typing import Any, BinaryIO, NamedTuple

import torch
from torch import Tensor

from molq.errors import ModelFileError
from molq.limits import MAX_MODEL_BYTES

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

    place: str
    """what messages call it"""
    metadata: dict[str, Any]
    """as it was given to ``encode``"""
    entries: dict[str, Entry]
    content_hash: str
    """``sha256:`` and 64 hexadecimal digits, as the file states it"""
    data_start: int
    size_bytes: int


def encode(metadata: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> bytes:
    """The whole file. The same arguments give the same bytes. Raises ModelFileError for more than would be read."""
    table, data = _packed(tensors)
    if len(data) > MAX_MODEL_BYTES - MAX_HEADER_BYTES:
        raise ModelFileError(f"a model of {len(data):,} bytes is too large; none has more than {MAX_MODEL_BYTES:,}")
    header = _header_bytes(metadata, table, _content_hash(metadata, table, data))
    return len(header).to_bytes(8, "little") + header + data


def read_header(file: BinaryIO, size_bytes: int, place: str | Path) -> Header:
    """What a file of that many bytes says of itself; ``file`` stands at its start.

    Raises ModelFileError when it is no .molq file, is damaged, too large, or too new.
    """
    if size_bytes > MAX_MODEL_BYTES:
        raise ModelFileError(f"{place}: {size_bytes:,} bytes; no model is larger than {MAX_MODEL_BYTES:,}")
    length = int.from_bytes(file.read(8), "little")
    if size_bytes < 8 or not 2 <= length <= min(MAX_HEADER_BYTES, size_bytes - 8):
        raise ModelFileError(f"{place}: not a .molq file, or cut short")
    return _parsed_header(str(place), file.read(length), size_bytes)


def tensors_of(blob: bytes, header: Header) -> dict[str, Tensor]:
    """All tensors of the whole file, each with memory of its own. Raises ModelFileError when a byte was altered."""
    data = memoryview(blob)[header.data_start :]
    table = _table(header.entries)
    if len(blob) != header.size_bytes or _content_hash(header.metadata, table, data) != header.content_hash:
        raise ModelFileError(f"{header.place}: its content does not match its hash, so it was damaged or altered")
    return {name: _tensor(bytearray(data[entry.start : entry.stop]), entry) for name, entry in header.entries.items()}


def _parsed_header(place: str, raw: bytes, size_bytes: int) -> Header:
    try:
        content = json.loads(raw)
        described = json.loads(content["__metadata__"]["molq"])
        metadata = described["model"]
        version, content_hash = described["format_version"], described["content_hash"]
        if not isinstance(metadata, dict) or type(version) is not int or not isinstance(content_hash, str):
            raise TypeError("metadata of a wrong type")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(f"{place}: not a .molq file, or a damaged one (its header cannot be read)") from error
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{place}: written in format version {version}, and this molq reads {FORMAT_VERSION}; upgrade molq"
        )
    entries = _parsed_entries(place, content, size_bytes - 8 - len(raw))
    try:
        spelled = _header_bytes(metadata, _table(entries), content_hash)
    except (ValueError, RecursionError):  # numbers or depths that no writer produces
        spelled = b""
    if spelled != raw:
        raise ModelFileError(f"{place}: its header was damaged or altered")
    return Header(place, metadata, entries, content_hash, 8 + len(raw), size_bytes)


def _parsed_entries(place: str, content: Mapping[str, Any], data_bytes: int) -> dict[str, Entry]:
    entries, end = {}, 0
    for name, value in content.items():
        if name == "__metadata__":
            continue
        match value:
            case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(stop)]} if (
                dtype in _DTYPES and len(shape) <= 8 and all(type(n) is int and 0 <= n < 1 << 40 for n in shape)
            ):
                entry = Entry(_DTYPES[dtype], tuple(shape), start, stop)
                if start == end and stop - start == math.prod(shape) * entry.dtype.itemsize:
                    entries[name], end = entry, stop
                    continue
        raise ModelFileError(f"{place}: its tensor {name[:80]!r} is not where and what it should be")
    if end != data_bytes:
        raise ModelFileError(f"{place}: {data_bytes:,} bytes of tensors where {end:,} belong; it was cut or added to")
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


def _content_hash(metadata: Mapping[str, Any], table: Mapping[str, Any], data: bytes | memoryview) -> str:
    digest = hashlib.sha256(_canonical([FORMAT_VERSION, metadata, table]).encode())
    digest.update(data)
    return f"sha256:{digest.hexdigest()}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _tensor(data: bytearray, entry: Entry) -> Tensor:
    if not data:
        return torch.empty(entry.shape, dtype=entry.dtype)
    return torch.frombuffer(data, dtype=entry.dtype).reshape(entry.shape)
