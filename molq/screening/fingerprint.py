"""Content hashes by which a changed library is recognised."""

from __future__ import annotations

import hashlib
import os
from typing import NamedTuple

from molq.errors import InputError
from molq.records.input.source import Source
from molq.records.input.state import state_of

WHOLE_BYTES = 1 << 30
"""larger files are known by size, time of change, and samples of this share"""
SHARD_WHOLE_BYTES = 1 << 26
"""of a library in all, where each of many shards asks for it"""
_SAMPLES = 64
_BLOCK = 1 << 20
_SAMPLE_BYTES = 1 << 14


class Fingerprint(NamedTuple):
    content: str
    n_lines: int | None
    """line feeds of a file that was read whole"""


def fingerprint(source: Source, whole_bytes: int = WHOLE_BYTES) -> Fingerprint:
    """Hash of a file's content, of one over ``whole_bytes`` of size, time of change and samples. "" for a stream.

    What lies at a URL is not read for it: the hash is of the store's own mark of its content, its size and its time.
    """
    if source.is_stream:
        return Fingerprint("", None)
    if source.is_remote:
        return Fingerprint(hashlib.sha256(repr(state_of(source)).encode()).hexdigest(), None)
    try:
        size = os.path.getsize(source.path)
        with open(source.path, "rb", buffering=0) as file:
            if size > whole_bytes:
                return Fingerprint(_sampled(file.fileno(), size), None)
            digest, n_lines = hashlib.sha256(), 0
            while block := file.read(_BLOCK):
                digest.update(block)
                n_lines += block.count(b"\n")
    except OSError as error:
        raise InputError(f"{source.path}: {error.strerror}") from error
    return Fingerprint(digest.hexdigest(), n_lines)


def _sampled(descriptor: int, size: int) -> str:
    status = os.fstat(descriptor)
    digest = hashlib.sha256(f"{size} {status.st_mtime_ns}".encode())
    for i in range(_SAMPLES):
        digest.update(os.pread(descriptor, _SAMPLE_BYTES, max(size - _SAMPLE_BYTES, 0) * i // (_SAMPLES - 1)))
    return digest.hexdigest()
