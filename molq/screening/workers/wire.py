"""Messages between the parent and its workers: a small JSON head and a body of bytes, over a Unix socket."""

from __future__ import annotations

import json
import socket
import struct
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

_FRAME = struct.Struct("<IQ")
_READ_BYTES = 1 << 18


class Message(NamedTuple):
    head: dict[str, Any]
    body: bytes = b""


def encode(message: Message) -> bytes:
    head = json.dumps(message.head).encode()
    return _FRAME.pack(len(head), len(message.body)) + head + message.body


def send(sock: socket.socket, message: Message) -> None:
    """Blocks until the message is on its way."""
    sock.sendall(encode(message))


def receive(sock: socket.socket) -> Message | None:
    """The next message, waited for; None when the other side is gone."""
    prefix = _exactly(sock, _FRAME.size)
    if prefix is None:
        return None
    head_bytes, body_bytes = _FRAME.unpack(prefix)
    rest = _exactly(sock, head_bytes + body_bytes)
    return None if rest is None else Message(json.loads(rest[:head_bytes]), bytes(rest[head_bytes:]))


class Mailbox:
    """The parent's end of a worker's socket; it never blocks, so a slow worker holds nobody up."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._outgoing: deque[memoryview] = deque()
        self._incoming = bytearray()
        self.open = True

    @property
    def wants_to_write(self) -> bool:
        return bool(self._outgoing)

    def post(self, message: Message) -> None:
        self._outgoing.append(memoryview(encode(message)))
        self.flush()

    def flush(self) -> None:
        """Send what the socket takes now."""
        try:
            while self._outgoing:
                sent = self.sock.send(self._outgoing[0])
                if sent == len(self._outgoing[0]):
                    self._outgoing.popleft()
                else:
                    self._outgoing[0] = self._outgoing[0][sent:]
        except BlockingIOError:
            pass
        except OSError:
            self.open = False

    def collect(self) -> Iterator[Message]:
        """Messages that have arrived in full; clears ``open`` when the other side is gone."""
        try:
            while True:
                data = self.sock.recv(_READ_BYTES)
                if not data:
                    self.open = False
                    break
                self._incoming += data
        except BlockingIOError:
            pass
        except OSError:
            self.open = False
        while len(self._incoming) >= _FRAME.size:
            head_bytes, body_bytes = _FRAME.unpack_from(self._incoming)
            end = _FRAME.size + head_bytes + body_bytes
            if len(self._incoming) < end:
                break
            head = json.loads(self._incoming[_FRAME.size : _FRAME.size + head_bytes])
            body = bytes(self._incoming[_FRAME.size + head_bytes : end])
            del self._incoming[:end]
            yield Message(head, body)

    def close(self) -> None:
        self.open = False
        self.sock.close()


def _exactly(sock: socket.socket, n_bytes: int) -> bytearray | None:
    data = bytearray(n_bytes)
    view, at = memoryview(data), 0
    while at < n_bytes:
        try:
            got = sock.recv_into(view[at:])
        except OSError:
            return None
        if got == 0:
            return None
        at += got
    return data
