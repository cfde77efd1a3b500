"""sha256 of a file's content, as if it were never compressed."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from molq.errors import DatasetError
from molq.files import stream_sha256


def content_sha256(path: Path) -> str:
    """Hex sha256 of the uncompressed content of a plain or .gz file; DatasetError when it cannot be read through."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return stream_sha256(file)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read to its end ({error}): put a good copy in its place") from error
