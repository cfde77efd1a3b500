"""HTTP over a connection that may not be held by saying nothing, or by headers without end."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from molq.server.limits import Limits

_END = b"\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def protocol_within(limits: Limits) -> type[HttpToolsProtocol]:
    """uvicorn's protocol, which closes a connection whose headers take too long or are too large."""

    class TimedProtocol(HttpToolsProtocol):
        _deadline: asyncio.TimerHandle | None = None
        _header_bytes = 0
        _last = b""
        """bytes of the headers so far: their end may come in two pieces"""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._expect_headers()

        def data_received(self, data: bytes) -> None:
            if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
                self._expect_headers()
            if self._deadline is not None and self._counted(data) > limits.header_bytes:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
            super().data_received(data)

        def on_headers_complete(self) -> None:
            self._headers_came()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._headers_came()
            super().connection_lost(exc)

        def _counted(self, data: bytes) -> int:
            """The bytes of the headers with those in ``data``, which may hold a body too."""
            end = (self._last + data).find(_END)
            self._header_bytes += len(data) if end < 0 else end + len(_END) - len(self._last)
            self._last = (self._last + data)[1 - len(_END) :]
            return self._header_bytes

        def _expect_headers(self) -> None:
            self._header_bytes, self._last = 0, b""
            self._deadline = self.loop.call_later(limits.header_seconds, self.transport.close)

        def _headers_came(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

    return TimedProtocol
