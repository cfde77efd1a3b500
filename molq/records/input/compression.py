"""Compressed bytes, told by how they begin, as plain bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from molq.errors import InputError

_BUFFER_BYTES = 1 << 18
MAX_DECODER_BYTES = 256 << 20
"""of memory that xz data may ask for; xz -9 asks for 65 MiB, and zstd is refused beyond 128 MiB by its library"""
MAX_HELD_BYTES = 1 << 30
"""of what must be whole in memory: compressed or piped tables that are no text, and piped zip archives"""
_XZ_PADDING = b"\0"
_ZIP = b"PK\x03\x04"
_EXCEL_MEMBER = "[Content_Types].xml"
DAMAGE = (OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""what reading damaged data raises; cut data raise EOFError"""


def compression_of(head: bytes) -> str | None:
    """The compression that begins so: gzip, bz2, xz, zstd or zip; None for none."""
    for magic, name in (
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bz2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (_ZIP, "zip"),
    ):
        if head.startswith(magic):
            return name if name != "bz2" or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90") else None
    return None


def decompressed(raw: BinaryIO, compression: str, name: str) -> BinaryIO:
    """The plain bytes of ``raw``. An Excel workbook is a zip archive too and comes back as it is.

    Raises InputError for an archive of several files. Reading may raise EOFError for data that end in the middle, or
    one of DAMAGE.
    """
    if compression == "zip":
        return _only_member(raw, name)
    opened = _OPENERS[compression](raw)
    return cast(BinaryIO, io.BufferedReader(opened, _BUFFER_BYTES))


class _Xz(io.RawIOBase):
    """Streams of xz data, one after the other, in bounded memory."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._decoder = _xz_decoder()
        self._rest = b""
        """taken from ``raw``, and of the next stream"""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._decoder.eof:
                self._rest = self._decoder.unused_data.lstrip(_XZ_PADDING)
                while not self._rest:
                    if not (data := self._raw.read(_BUFFER_BYTES)):
                        return 0
                    self._rest = data.lstrip(_XZ_PADDING)
                self._decoder = _xz_decoder()
            given = b""
            if self._decoder.needs_input:
                given, self._rest = self._rest or self._raw.read(_BUFFER_BYTES), b""
                if not given:
                    raise EOFError
            try:
                data = self._decoder.decompress(given, len(buffer))
            except lzma.LZMAError as error:
                if "limit" not in str(error):
                    raise
                raise lzma.LZMAError(
                    f"it asks for more than {MAX_DECODER_BYTES >> 20} MiB of memory; compress it again, with xz -9 at"
                    " most"
                ) from error
            if data:
                buffer[: len(data)] = data
                return len(data)


def _xz_decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DECODER_BYTES)


class _Zstandard(io.RawIOBase):
    """Frames of zstd data, one after the other."""

    def __init__(self, raw: BinaryIO) -> None:
        import pyarrow as pa

        self._raw = _Tail(raw)
        self._stream = pa.CompressedInputStream(pa.PythonFile(self._raw, mode="r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Tail:
    """A stream that pyarrow reads from."""

    closed = False

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw

    def read(self, n_bytes: int = -1) -> bytes:
        return self._raw.read(n_bytes)

    def close(self) -> None:
        self.closed = True


_OPENERS: dict[str, Callable[[BinaryIO], Any]] = {
    "gzip": lambda raw: gzip.GzipFile(fileobj=raw, mode="rb"),
    "bz2": bz2.BZ2File,
    "xz": _Xz,
    "zstd": _Zstandard,
}


def _only_member(raw: BinaryIO, name: str) -> BinaryIO:
    if not raw.seekable():
        raw = io.BytesIO(raw.read(MAX_HELD_BYTES + 1))
        if raw.seek(0, io.SEEK_END) > MAX_HELD_BYTES:
            raise InputError(
                f"{name}: a zip archive of more than {MAX_HELD_BYTES >> 20} MiB; save it and name the file"
            )
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        raise InputError(f"{name}: a damaged zip archive: {error}") from error
    members = [info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)]
    if any(info.filename == _EXCEL_MEMBER for info in members):
        raw.seek(0)
        return raw
    if len(members) != 1:
        named = ", ".join(info.filename for info in members[:5]) or "none"
        raise InputError(f"{name}: a zip archive of {len(members)} files ({named}); unpack it and name the one to read")
    if members[0].flag_bits & 1:
        raise InputError(f"{name}: the zip archive is locked with a password; unpack it first")
    return cast(BinaryIO, archive.open(members[0]))


def _is_litter(member: str) -> bool:
    return member.startswith("__MACOSX/") or member.rpartition("/")[2].startswith(".")
