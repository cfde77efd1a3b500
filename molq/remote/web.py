"""Files of web servers: ranges where the server gives them, and else one copy on this machine.

The standard library does it: what a client adds to it, pools and sessions, is not what a few large reads wait for, and
how often a broken answer is asked for again has to be known here for every store alike.
"""

from __future__ import annotations

import base64
import netrc
import os
import re
import tempfile
from contextlib import ExitStack
from http.client import HTTPMessage, InvalidURL
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from molq import __version__
from molq.remote.ranges import ObjectState
from molq.remote.retrying import RemoteChangedError, RemoteError, RemoteRefusedError, retried

_TIMEOUT_S = 30.0
_HEADERS = {"User-Agent": f"molq/{__version__}", "Accept-Encoding": "identity"}
_COPY_BYTES = 1 << 20
_OF = re.compile(r"bytes \d+-\d+/(\d+)\Z")
_PLAIN = "/%:@!$&'()*+,;=~"
"""of a path, beside letters and digits; all else is asked for in its code"""
_PARTIAL, _UNSATISFIABLE = 206, 416
_AGAIN = (408, 425, 429, 500, 502, 503, 504)


class WebRanges:
    """A file of a web server, as it was when it was first asked for."""

    def __init__(self, url: str) -> None:
        self._url, self._authorization = _without_user(url)
        self._has_ranges = True
        self._copy: IO[bytes] | None = None
        self.told: ObjectState = retried(self._look)
        """the state, its size 0 where the server keeps that to itself"""

    @property
    def state(self) -> ObjectState:
        """With the size that the file has."""
        if self._has_ranges or self.told.size_bytes:
            return self.told
        return self.told._replace(size_bytes=os.fstat(self._whole().fileno()).st_size)

    def fetch(self, start: int, stop: int) -> bytes:
        if not self._has_ranges:
            return os.pread(self._whole().fileno(), stop - start, start)
        return retried(lambda: self._read(start, stop))

    def close(self) -> None:
        if self._copy is not None:
            self._copy.close()
            self._copy = None

    def _look(self) -> ObjectState:
        """What the answer to a question for the first byte says of all."""
        with self._asked("bytes=0-0") as answer:
            total = _OF.match(answer.headers.get("Content-Range", ""))
            self._has_ranges = answer.status == _PARTIAL and total is not None
            return _state(answer.headers, int(total[1] if total else answer.headers.get("Content-Length", 0)))

    def _whole(self) -> IO[bytes]:
        """All of it on this machine, in a file without a name."""
        if self._copy is None:
            self._copy = retried(self._copied)
        return self._copy

    def _read(self, start: int, stop: int) -> bytes:
        with self._asked(f"bytes={start}-{stop - 1}") as answer:
            total = _OF.match(answer.headers.get("Content-Range", ""))
            if answer.status != _PARTIAL or not total:
                raise RemoteError(5, f"the server answers with status {answer.status} where a part was asked for")
            if _state(answer.headers, int(total[1])) != self.told:
                raise RemoteChangedError("it was changed while it was read")
            data: bytes = answer.read(stop - start)
        if len(data) != stop - start:
            raise RemoteError(5, f"{len(data):,} bytes came where {stop - start:,} were asked for")
        return data

    def _copied(self) -> IO[bytes]:
        with ExitStack() as stack, self._asked("bytes=0-") as answer:
            copy = stack.enter_context(tempfile.TemporaryFile())
            if _state(answer.headers, int(answer.headers.get("Content-Length", 0))) != self.told:
                raise RemoteChangedError("it was changed while it was read")
            while data := answer.read(_COPY_BYTES):
                copy.write(data)
            copy.flush()
            if self.told.size_bytes not in (0, copy.tell()):
                raise RemoteError(5, f"the connection closed after {copy.tell():,} of {self.told.size_bytes:,} bytes")
            stack.pop_all()
            return copy

    def _answer(self, headers: dict[str, str]) -> Any:
        request = Request(self._url, headers={**_HEADERS, **headers})
        if self._authorization:  # for this server, not for one that it sends us on to
            request.add_unredirected_header("Authorization", self._authorization)
        try:
            return urlopen(request, timeout=_TIMEOUT_S)
        except (InvalidURL, UnicodeError) as error:  # they name what was asked for, its signature too
            raise RemoteRefusedError(22, "its address holds blanks or the like; write them as %20") from error

    def _asked(self, part: str) -> Any:
        try:
            return self._answer({"Range": part})
        except HTTPError as error:
            error.close()
            if error.code == _UNSATISFIABLE:  # no first byte: the file is empty
                return self._answer({})
            if error.code in (404, 410):
                raise FileNotFoundError(2, "no such file on the server") from error
            if error.code in (401, 403):
                raise PermissionError(13, f"the server refuses access (status {error.code})") from error
            kind = RemoteError if error.code in _AGAIN else RemoteRefusedError
            raise kind(5, f"the server answers with status {error.code}") from error
        except URLError as error:
            raise RemoteError(5, f"the server cannot be reached ({error.reason})") from error


def _state(headers: HTTPMessage, size_bytes: int) -> ObjectState:
    return ObjectState(headers.get("ETag", "").strip('"'), size_bytes, headers.get("Last-Modified", ""))


def _without_user(url: str) -> tuple[str, str]:
    """The URL as it is asked for, and who asks, "" for no one: by user:password@, or by what ~/.netrc has."""
    parts = urlsplit(url)
    authorization = ""
    user, password = parts.username, parts.password
    if user is None:
        try:
            known = netrc.netrc().authenticators(parts.hostname or "")
        except (OSError, netrc.NetrcParseError):
            known = None
        user, password = (known[0], known[2]) if known else (None, None)
    if user is not None:
        pair = f"{unquote(user)}:{unquote(password or '')}".encode()
        authorization = f"Basic {base64.b64encode(pair).decode()}"
    host, path = parts.netloc.rpartition("@")[2], quote(parts.path, safe=_PLAIN, errors="surrogateescape")
    return urlunsplit((parts.scheme, host, path, parts.query, "")), authorization
