"""An S3 server on this machine for tests, moto's in a process of its own, and a proxy that fails on purpose."""

from __future__ import annotations

import contextlib
import http.client
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOW_DOWN = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
)
KINDS = ("500", "503", "silence", "cut", "reset", "lost answer")
"""what a failing store does: the last carries out a request and says nothing of it"""


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """The endpoint of a server without buckets."""
    process = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.communicate()


@dataclass
class Failures:
    """Which of the requests to a proxy fail; ``rate`` of them at random, or those whose number is in ``at``."""

    rate: float = 0.0
    seed: int = 0
    kinds: tuple[str, ...] = KINDS
    silence_s: float = 1.5
    at: tuple[int, ...] = ()
    seen: list[str] = field(default_factory=list)
    """METHOD path of every request"""
    failed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def of_next(self, request: str) -> str | None:
        """The kind of failure of this request, None for none."""
        with self._lock:
            self.seen.append(request)
            if len(self.seen) - 1 not in self.at and self._random.random() >= self.rate:
                return None
            kind = self._random.choice(self.kinds)
            self.failed[kind] += 1
            return kind


@contextlib.contextmanager
def failing(endpoint: str, failures: Failures) -> Iterator[str]:
    """The endpoint of a proxy before another."""
    target = endpoint.rpartition("/")[2]

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                body = _chunked(self.rfile)
            kind = failures.of_next(f"{self.command} {self.path}")
            if kind in ("500", "503"):
                self._answer(int(kind), {"Content-Type": "application/xml"}, SLOW_DOWN if kind == "503" else b"")
                return
            if kind == "silence":
                time.sleep(failures.silence_s)
            if kind in ("silence", "reset"):
                self.close_connection = True
                return
            connection = http.client.HTTPConnection(target, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "transfer-encoding"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if kind == "lost answer":
                self.close_connection = True
                return
            cut = len(content) // 2 if kind == "cut" else None
            self._answer(answer.status, dict(answer.getheaders()), content, cut)

        def _answer(self, status: int, headers: dict[str, str], content: bytes, cut: int | None = None) -> None:
            self.send_response_only(status)
            length = headers.get("Content-Length", str(len(content))) if self.command == "HEAD" else str(len(content))
            for name, value in headers.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(content[:cut])
            if cut is not None:
                self.close_connection = True

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_about: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _chunked(file: object) -> bytes:
    parts = []
    while size := int(file.readline().split(b";")[0], 16):  # type: ignore[attr-defined]
        parts.append(file.read(size))  # type: ignore[attr-defined]
        file.readline()  # type: ignore[attr-defined]
    while file.readline().strip():  # type: ignore[attr-defined]
        pass
    return b"".join(parts)


if __name__ == "__main__":
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    server.stop()
