"""Objects written whole or not at all, and taken away."""

from __future__ import annotations

import contextlib
import ctypes
import io
from typing import Any, BinaryIO

from molq.remote.file import RemoteFile
from molq.remote.filesystem import located
from molq.remote.listing import exists
from molq.remote.retrying import RemoteError, RemoteRefusedError, retried
from molq.urls import WEB, name_in, scheme_of, url_of

_COPY_BYTES = 8 << 20
_TAKEN = "there is an object of this name already"
_SEEN_AT_ONCE = ("az", "abfs", "abfss")
"""where Arrow begins what it writes with an empty object of that name"""
_TRIALS = 3
"""of a whole upload; its parts are tried again one by one before"""


def upload(file: BinaryIO, url: str, *, force: bool) -> None:
    """Sends what an open file holds, from its beginning, in parts; the object is there when the last one is.

    In Azure an empty one is there from the first on, and is taken away again where sending fails.

    Raises FileExistsError where there is an object already and ``force`` is off, and other OSErrors. What a trial has
    sent whose answer was lost is no obstacle to the next.
    """
    url = url_of(url)
    if scheme_of(url) in WEB:
        raise RemoteRefusedError(30, "web servers are only read from; name an object store or a file")
    _refuse(url, force)
    trials = iter(range(_TRIALS))

    def send() -> None:
        if next(trials) == 0 or force or not exists(url):
            _send(file, url, force)
        elif not _holds(url, file):
            raise FileExistsError(17, _TAKEN)

    retried(send, _TRIALS)


def put(content: bytes, url: str, *, force: bool = True) -> None:
    """The same for bytes."""
    upload(io.BytesIO(content), url, force=force)


def delete(url: str) -> None:
    """Takes an object away, if it is there. OSErrors pass."""
    store, path = located(url)
    try:
        retried(lambda: store.delete_file(path))
    except FileNotFoundError:
        return


def _send(file: BinaryIO, url: str, force: bool) -> None:
    store, path = located(url)
    renamed = scheme_of(url) == "hdfs"  # where what is being written has its name already
    place = f"{path.removesuffix(name_in(url))}.{name_in(url)}.part" if renamed else path
    n_bytes = file.seek(0, io.SEEK_END)
    file.seek(0)
    stream = store.open_output_stream(place, compression=None)  # by default a name of .gz is told to compress
    try:
        while data := file.read(_COPY_BYTES):
            stream.write(data)
        if scheme_of(url) not in _SEEN_AT_ONCE:
            _refuse(url, force)
        stream.close()
    except BaseException:
        _abandon(stream)
        if scheme_of(url) in _SEEN_AT_ONCE:
            with contextlib.suppress(OSError):
                delete(url)
        raise
    if renamed:
        store.move(place, path)
    size = store.get_file_info(path).size
    if size != n_bytes:
        raise RemoteError(5, f"{size or 0:,} bytes arrived of {n_bytes:,}")


def _refuse(url: str, force: bool) -> None:
    if not force and exists(url):
        raise FileExistsError(17, _TAKEN)


def _holds(url: str, file: BinaryIO) -> bool:
    """Whether an object has the bytes of a file."""
    with RemoteFile(url) as remote:
        file.seek(0)
        while data := file.read(_COPY_BYTES):
            if remote.read(len(data)) != data:
                return False
        return not remote.read(1)


def _abandon(stream: Any) -> None:
    """Never lets go of a stream: pyarrow would end it, and so give a name to the part of the bytes that was sent."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(stream))
