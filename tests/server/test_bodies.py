from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from molq.server.bodies import body_of
from molq.server.limits import Limits
from molq.server.refusal import Refusal

LIMITS = Limits(body_bytes=100, idle_seconds=0.05, bytes_per_s=1000)


def request(pieces, headers=(), wait=0.0):
    left = list(pieces)

    async def receive():
        await asyncio.sleep(wait)
        if left and left[0] is None:
            return {"type": "http.disconnect"}
        piece = left.pop(0) if left else b""
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    scope = {"type": "http", "headers": [(a.encode(), b.encode()) for a, b in headers], "method": "POST", "path": "/"}
    return Request(scope, receive)


def status(*arguments, **more) -> int:
    with pytest.raises(Refusal) as refused:
        asyncio.run(body_of(request(*arguments, **more), LIMITS))
    return refused.value.status


def test_a_body_is_put_together():
    assert asyncio.run(body_of(request([b"ab", b"", b"c"]), LIMITS)) == b"abc"
    assert asyncio.run(body_of(request([b"x" * 100]), LIMITS)) == b"x" * 100


def test_one_that_is_too_large_is_refused_before_it_is_read_or_when_it_grows():
    assert status([], [("content-length", "101")]) == 413
    assert status([], [("content-length", "9" * 400)]) == 413
    assert status([b"x" * 60, b"x" * 60]) == 413


def test_one_that_is_none_is_refused():
    assert status([], [("content-length", "-1")]) == 400
    assert status([], [("content-length", "x")]) == 400
    assert status([b"x"], [("content-encoding", "br")]) == 415
    assert status([b"x", None]) == 400


def test_one_that_is_too_slow_is_refused():
    assert status([b"x"], wait=0.2) == 408
    assert status([b"x"] * 50, wait=0.01) == 408


def test_a_form_is_no_file():
    assert status([b"--x\r\n"], [("content-type", "Multipart/form-data; boundary=x")]) == 415
