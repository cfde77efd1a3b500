"""Messages between the parent and its workers: a typed head and a body of bytes, over a Unix socket."""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from molq.screening.workers.messages import Message

_FRAME = struct.Struct("<IQ")
_READ_BYTES = 1 << 18
_REQUEST_BYTES = 4096
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


class Received(NamedTuple):
    message: Message
    body: bytes


def send(sock: socket.socket, message: Message, body: bytes = b"") -> None:
    """Blocks until the message is on its way."""
    sock.sendall(_encoded(message, body))


def receive(sock: socket.socket) -> Received | None:
    """The next message, waited for; None when the other side is gone."""
    prefix = _exactly(sock, _FRAME.size)
    if prefix is None:
        return None
    head_bytes, body_bytes = _FRAME.unpack(prefix)
    rest = _exactly(sock, head_bytes + body_bytes)
    return None if rest is None else Received(_DECODER.decode(rest[:head_bytes]), bytes(rest[head_bytes:]))


def send_request(sock: socket.socket, message: Message, descriptors: list[int]) -> None:
    """A small message with file descriptors, answered before the next one."""
    socket.send_fds(sock, [msgspec.msgpack.encode(message)], descriptors)


def receive_request(sock: socket.socket) -> tuple[Message | None, list[int]]:
    """What ``send_request`` sent; None when the other side is gone."""
    data, descriptors, _, _ = socket.recv_fds(sock, _REQUEST_BYTES, 1)
    return (_DECODER.decode(data) if data else None), descriptors


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

    def post(self, message: Message, body: bytes = b"") -> None:
        self._outgoing.append(memoryview(_encoded(message, body)))
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

    def collect(self) -> Iterator[Received]:
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
            head_end = _FRAME.size + head_bytes
            end = head_end + body_bytes
            if len(self._incoming) < end:
                break
            received = Received(
                _DECODER.decode(self._incoming[_FRAME.size : head_end]), bytes(self._incoming[head_end:end])
            )
            del self._incoming[:end]
            yield received

    def close(self) -> None:
        self.open = False
        self.sock.close()


def _encoded(message: Message, body: bytes) -> bytes:
    head = msgspec.msgpack.encode(message)
    return _FRAME.pack(len(head), len(body)) + head + body


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
