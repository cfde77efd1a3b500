"""The body of a request, as far and as fast as it may come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from molq.server.limits import Limits
from molq.server.refusal import Refusal

_CLOSE = {"Connection": "close"}


async def body_of(request: Request, limits: Limits) -> bytes:
    """All of it. Raises Refusal when it is too large (413), too slow (408), or packed (415)."""
    pieces = [piece async for piece in pieces_of(request, limits, limits.body_bytes)]
    return b"".join(pieces)


async def pieces_of(request: Request, limits: Limits, most_bytes: int) -> AsyncIterator[bytes]:
    """The same piece by piece."""
    _refuse_large(_stated_bytes(request), most_bytes)
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Refusal(
            415, f"a body in Content-Encoding {encoding[:40]!r} is not read; send it as it is", headers=_CLOSE
        )
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise Refusal(415, "a form is not read; send the bytes of the file themselves as the body", headers=_CLOSE)
    stream = request.stream()
    started, n_bytes = time.monotonic(), 0
    while True:
        try:
            async with asyncio.timeout(limits.idle_seconds):
                piece = await anext(stream, None)
        except TimeoutError:
            raise Refusal(
                408, f"nothing of the body came for {limits.idle_seconds:g} s; send it again", headers=_CLOSE
            ) from None
        except ClientDisconnect:
            raise Refusal(400, "the body ended before its end", headers=_CLOSE) from None
        if piece is None:
            return
        n_bytes += len(piece)
        _refuse_large(n_bytes, most_bytes)
        seconds = time.monotonic() - started
        if seconds > limits.idle_seconds and n_bytes < (seconds - limits.idle_seconds) * limits.bytes_per_s:
            raise Refusal(408, f"the body comes slower than {limits.bytes_per_s:,} bytes a second", headers=_CLOSE)
        if piece:
            yield piece


def _stated_bytes(request: Request) -> int:
    stated = request.headers.get("content-length", "0")
    if not (stated.isascii() and stated.isdigit()):
        raise Refusal(400, f"Content-Length {stated[:40]!r} is no number", headers=_CLOSE)
    return int(stated[:20])


def _refuse_large(n_bytes: int, most_bytes: int) -> None:
    if n_bytes > most_bytes:
        raise Refusal(
            413,
            f"the body has {n_bytes:,} bytes or more; at most {most_bytes:,} are taken. Send less at a time, or upload"
            " the file as a job (POST /v1/jobs)",
            headers=_CLOSE,
        )
