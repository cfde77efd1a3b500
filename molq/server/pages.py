"""The page, its parts, and the documentation: files of the package, read once, and templates of this folder."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from molq import __version__
from molq.server.shell import environment, made, shell

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_TEXT = ("text/", "image/svg", "application/json")
_PACKED_BYTES = 1024
"""from which on a text is worth packing"""


class StaticFile(NamedTuple):
    """A file of the page as it is sent."""

    content: bytes
    packed: bytes | None
    """gzip, where that is smaller"""
    media_type: str
    tag: str


@cache
def static_files() -> dict[str, StaticFile]:
    """All files of ``static``, and those that reports have too, by their paths with slashes."""
    found = {
        name: _static_file(name, place.read_bytes()) for name, place in _walk(files("molq.server").joinpath("static"))
    }
    return found | {name: _static_file(name, text.encode()) for name, text in made().items()}


def static_response(request: Request, file: StaticFile) -> Response:
    """The file, or that it has not changed."""
    headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(None, 304, headers)
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, 200, {**headers, "Content-Encoding": "gzip"}, file.media_type)
    return Response(file.content, 200, headers, file.media_type)


@cache
def page() -> StaticFile:
    """The page for chemists."""
    return _static_file("page.html", shell(__version__).encode())


def docs_page(document: dict[str, Any]) -> str:
    """The OpenAPI document as a page."""
    return environment().get_template("docs.html.jinja").render(document=document)


def _static_file(name: str, content: bytes) -> StaticFile:
    suffix = "." + name.rpartition(".")[2]
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = None
    if media_type.startswith(_TEXT) and len(content) > _PACKED_BYTES:
        packed = gzip.compress(content, 6, mtime=0)
    return StaticFile(content, packed, media_type, f'"{hashlib.sha256(content).hexdigest()[:20]}"')


def _walk(folder: Traversable, before: str = "") -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _walk(entry, f"{before}{entry.name}/")
        elif not entry.name.startswith(".") and not entry.name.endswith(".py"):
            found.append((f"{before}{entry.name}", entry))
    return found
