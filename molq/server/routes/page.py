"""The page and its parts: by name among the files that were read at the start, so that no path is ever opened."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from molq.server.pages import page, static_files, static_response
from molq.server.refusal import Refusal


def page_routes() -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    known = static_files()

    @routes.get("/")
    async def shell(request: Request) -> Response:
        return static_response(request, page())

    @routes.get("/static/{name:path}")
    async def static(request: Request, name: str) -> Response:
        if name not in known:
            raise Refusal(404, f"the page has no part {name[:100]!r}")
        return static_response(request, known[name])

    return routes
