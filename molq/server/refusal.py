"""Why a request is not answered, as every route says it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from molq.serial import to_json
from molq.visible import lines


class Refusal(Exception):
    """A request that is not answered: the status, what is wrong and what to do, and the row it is about."""

    def __init__(
        self, status: int, message: str, row: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.row, self.headers = status, message, row, dict(headers or {})

    @property
    def response(self) -> Response:
        return error_response(self.status, self.message, self.row, self.headers)


def error_response(
    status: int, message: str, row: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """``{"error": {"message": ..., "row": ...}}``; what would move a cursor or turn text around stands as an escape."""
    body = to_json({"error": {"message": lines(message), "row": row}})
    return Response(body, status, dict(headers or {}), "application/json")
