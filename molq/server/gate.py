"""What every request passes first: is it meant for this server, by whom does it come, and may it do what it asks."""

from __future__ import annotations

import hmac
import re
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from molq.server.headers import NOT_KEPT, SAFE_HEADERS
from molq.server.metrics import Metrics
from molq.server.refusal import Refusal, error_response

_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:@/\s]+)(?::\d{1,5})?\Z")
_READING = ("GET", "HEAD", "OPTIONS")
_GUARDED = ("/v1/", "/metrics")
"""where a token is asked for"""


class Gate:
    """The application behind it, with safe headers on every answer, and every answer counted.

    Without a token the server is this machine's own, and answers no other name: a page of a stranger whose name leads
    here is not let in. A page of another origin may change nothing. With a token whoever knows it may do everything.
    """

    def __init__(self, app: ASGIApp, token: str | None, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        started, status = time.perf_counter(), 500

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                extra = [pair for pair in (*SAFE_HEADERS, NOT_KEPT) if pair[0] not in own]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        # the head of an answer is that of GET; whoever serves leaves out the body
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        try:
            self._check(scope)
            await self._app(inner, receive, send_safely)
        except Refusal as refusal:
            await refusal.response(scope, receive, send_safely)
        finally:
            self._metrics.answered(_route_of(inner), scope["method"], status, time.perf_counter() - started)

    def _check(self, scope: Scope) -> None:
        """Raises Refusal for a request that may not pass."""
        headers = _first_of_each(scope["headers"])
        host = headers.get("host", "")
        name = _HOST.match(host)
        if name is None:
            raise Refusal(400, "the request names no Host")
        if self._token is None and name[1].lower() not in _OWN_NAMES:
            raise Refusal(
                421,
                f"this server answers to localhost alone, and was called {host[:80]!r}; open it as http://localhost,"
                " or start it with `token` to let others in",
            )
        if scope["method"] not in _READING:
            _refuse_other_origins(headers, host)
        if self._token is not None and scope["path"].startswith(_GUARDED):
            self._refuse_strangers(headers)

    def _refuse_strangers(self, headers: dict[str, str]) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        assert self._token is not None
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), self._token):
            what = "the token is another one" if given else "this server wants its token"
            raise Refusal(
                401, f"{what}: send the header 'Authorization: Bearer TOKEN'", headers={"WWW-Authenticate": "Bearer"}
            )


def _refuse_other_origins(headers: dict[str, str], host: str) -> None:
    origin = headers.get("origin")
    is_foreign = origin is not None and origin.partition("://")[2].lower() != host.lower()
    if is_foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refusal(
            403, f"a page of {(origin or 'another site')[:80]!r} may not ask this of the server at {host[:80]!r}"
        )


def _first_of_each(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(headers)}


def _route_of(scope: Scope) -> str:
    """The path as the routes write it, so that there are few of them whatever clients ask for."""
    route = scope.get("route")
    return str(getattr(route, "path", None) or "other")


def unknown_error() -> Any:
    """What is said when the server itself is at fault."""
    return error_response(500, "a fault of the server; its log says more. Ask again, and report it if it stays so")
