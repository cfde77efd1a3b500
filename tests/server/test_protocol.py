from __future__ import annotations

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from molq.server.limits import Limits
from molq.server.protocol import protocol_within

LIMITS = Limits(header_seconds=0.3, header_bytes=2000)
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def _conversation(pieces: list[bytes], wait: float) -> bytes:
    """What the server answers to pieces sent one by one, until it closes the connection."""
    config = uvicorn.Config(app, http=protocol_within(LIMITS), ws="none", lifespan="off", log_level="critical")
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: config.http_protocol_class(config, state, {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(wait)
    try:
        return await asyncio.wait_for(reader.read(), 3.0)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()
        server.close()


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"GET"],
        [REQUEST[i : i + 1] for i in range(len(REQUEST) - 1)],
        [REQUEST, REQUEST[:10]],
    ],
)
def test_a_connection_that_says_too_little_is_closed(pieces):
    answer = asyncio.run(_conversation(pieces, 0.02))
    assert answer.count(b"200 OK") == (REQUEST in pieces)


def test_headers_without_end_are_refused():
    answer = asyncio.run(_conversation([REQUEST[:-2], *[b"X-A: " + b"a" * 200 + b"\r\n"] * 20], 0.001))
    assert answer == b"reset" or answer.startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("size", [100, 1930, 2100, 60_000])
def test_large_headers_are_refused_though_they_come_at_once(size):
    large = REQUEST[:-2] + b"Connection: close\r\nX-A: " + b"a" * size + b"\r\n\r\n"
    answer = asyncio.run(_conversation([large], 0.001))
    assert answer.startswith(b"HTTP/1.1 200" if len(large) <= LIMITS.header_bytes else b"HTTP/1.1 431"), answer


def test_a_body_is_no_header_wherever_a_piece_ends():
    request = REQUEST.replace(b"GET", b"POST")[:-2] + b"Connection: close\r\nContent-Length: 5000\r\n\r\n"
    for cut in range(len(request) - 5, len(request) + 1):
        answer = asyncio.run(_conversation([request[:cut], request[cut:] + b"x" * 5000], 0.001))
        assert answer.startswith(b"HTTP/1.1 200"), cut
