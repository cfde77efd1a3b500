"""A dataset fetched from its URL into a folder, whole and checked or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.request import Request, urlopen

from molq import __version__
from molq.data.registry import DatasetInfo
from molq.errors import DatasetError

_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = 30.0
_GZIP_MAGIC = b"\x1f\x8b"


class _WrongContentError(Exception):
    """The server answered, but not with the registered bytes."""


def download_checked(
    info: DatasetInfo, folder: Path, progress: Callable[[int, int | None], None] | None = None
) -> Path:
    """Path of the uncompressed file under ``folder``, from ``info.url`` or else from one of its mirrors.

    Content served as gzip is decompressed on the way. The file takes its name only once its sha256 is right; until then
    it is a temporary file that no failure leaves behind. ``progress`` is told bytes received and bytes in all.
    """
    failures = []
    for url in (info.url, *info.mirrors):
        try:
            return _fetch(url, info, folder, progress)
        except (OSError, HTTPException, zlib.error, _WrongContentError) as error:
            failures.append(f"{url}: {error}")
    raise DatasetError(
        f"dataset {info.name} could not be downloaded ({'; '.join(failures)}). Check the network, or put"
        f" {info.filename} (sha256 {info.sha256}) into the folder that MOLQ_DATA_DIR names"
    )


def _fetch(url: str, info: DatasetInfo, folder: Path, progress: Callable[[int, int | None], None] | None) -> Path:
    digest = hashlib.sha256()
    request = Request(url, headers={"User-Agent": f"molq/{__version__}"})
    with urlopen(request, timeout=_TIMEOUT_S) as response:
        file = _temporary(folder, info)
        try:
            with file:
                total = int(response.headers.get("Content-Length") or 0) or None
                for chunk in _uncompressed(_received(response, total, progress)):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != info.sha256:
                raise _WrongContentError(f"its content has sha256 {digest.hexdigest()}, expected {info.sha256}")
            os.replace(file.name, folder / info.filename)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return folder / info.filename


def _temporary(folder: Path, info: DatasetInfo) -> tempfile._TemporaryFileWrapper[bytes]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=folder, prefix=f".{info.filename}.", delete=False)
    except OSError as error:
        raise DatasetError(
            f"the dataset cache {folder} cannot be written ({error}): free it, set XDG_CACHE_HOME to a folder that can"
            f" be, or put {info.filename} into the folder that MOLQ_DATA_DIR names"
        ) from error


def _received(
    response: BinaryIO, total: int | None, progress: Callable[[int, int | None], None] | None
) -> Iterator[bytes]:
    done = 0
    while chunk := response.read(_CHUNK_BYTES):
        done += len(chunk)
        if progress is not None:
            progress(done, total)
        yield chunk
    if total is not None and done < total:
        raise _WrongContentError(f"the connection closed after {done} of {total} bytes")


def _uncompressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The content of a stream that may be gzip, told by its first bytes."""
    inflate = None
    for number, chunk in enumerate(chunks):
        if number == 0 and chunk.startswith(_GZIP_MAGIC):
            inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        yield inflate.decompress(chunk) if inflate else chunk
    if inflate:
        yield inflate.flush()
