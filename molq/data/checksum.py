"""sha256 of a file's content, as if it were never compressed."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from molq.errors import DatasetError
from molq.files import open_file, stream_sha256
from molq.urls import name_in, url_of


def content_sha256(path: Path) -> str:
    """Hex sha256 of the uncompressed content of a plain or .gz file; DatasetError when it cannot be read through."""
    try:
        with open_file(path) as file:
            return stream_sha256(gzip.open(file) if name_in(url_of(path)).endswith(".gz") else file)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read to its end ({error}): put a good copy in its place") from error
