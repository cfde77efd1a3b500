"""A dataset fetched from its URL into a folder, whole and checked or not at all."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPException
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO
from urllib.request import Request, urlopen

from molq import __version__
from molq.data.registry import DatasetInfo
from molq.errors import DatasetError, OutputError
from molq.files import make_folder, stream_sha256, whole_file
from molq.progress import SILENT, Progress

_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = 30.0
_GZIP_MAGIC = b"\x1f\x8b"


class _WrongContentError(Exception):
    """The server answered, but not with the registered bytes."""


def download_checked(info: DatasetInfo, folder: Path, progress: Progress = SILENT) -> Path:
    """Path of the uncompressed file under ``folder``, from ``info.url`` or else from one of its mirrors.

    Content served as gzip is decompressed on the way. The file takes its name only once its sha256 is right; until then
    it is a temporary file that no failure leaves behind. ``progress`` is told bytes received and bytes in all.
    """
    failures = []
    progress.stage(f"download {info.name}")
    for url in (info.url, *info.mirrors):
        try:
            return _fetch(url, info, folder, progress)
        except (OSError, HTTPException, zlib.error, _WrongContentError) as error:
            failures.append(f"{url}: {error}")
    raise DatasetError(
        f"dataset {info.name} could not be downloaded ({'; '.join(failures)}). Check the network, or put"
        f" {info.filename} (sha256 {info.sha256}) into the folder that MOLQ_DATA_DIR names"
    )


def _fetch(url: str, info: DatasetInfo, folder: Path, progress: Progress) -> Path:
    request = Request(url, headers={"User-Agent": f"molq/{__version__}"})
    with urlopen(request, timeout=_TIMEOUT_S) as response, ExitStack() as stack:
        file = _cache_file(folder, info, stack)
        total = int(response.headers.get("Content-Length") or 0) or None
        for chunk in _uncompressed(_received(response, total, progress)):
            file.write(chunk)
        file.seek(0)
        if (found := stream_sha256(file)) != info.sha256:
            raise _WrongContentError(f"its content has sha256 {found}, expected {info.sha256}")
    return folder / info.filename


def _cache_file(folder: Path, info: DatasetInfo, stack: ExitStack) -> BufferedIOBase:
    try:
        return stack.enter_context(whole_file(make_folder(folder) / info.filename))
    except (OSError, OutputError) as error:
        raise DatasetError(
            f"the dataset cache {folder} cannot be written ({error}): free it, set XDG_CACHE_HOME to a folder that can"
            f" be, or put {info.filename} into the folder that MOLQ_DATA_DIR names"
        ) from error


def _received(response: BinaryIO, total: int | None, progress: Progress) -> Iterator[bytes]:
    done = 0
    while chunk := response.read(_CHUNK_BYTES):
        done += len(chunk)
        progress.step(done, total)
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
