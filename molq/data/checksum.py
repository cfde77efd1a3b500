"""sha256 of a file's content, as if it were never compressed."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

from molq.errors import DatasetError

_CHUNK_BYTES = 1 << 20


def content_sha256(path: Path) -> str:
    """Hex sha256 of the uncompressed content of a plain or .gz file; DatasetError when it cannot be read through."""
    digest = hashlib.sha256()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read to its end ({error}): put a good copy in its place") from error
    return digest.hexdigest()
