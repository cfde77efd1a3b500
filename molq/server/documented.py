"""Bodies and answers as the OpenAPI document says them, from the types that decode them."""

from __future__ import annotations

from typing import Any

import msgspec

_FILE = {"type": "string", "format": "binary"}


def body(kinds: dict[str, Any]) -> dict[str, Any]:
    """The request body of a route: media type → type, ``bytes`` for a file."""
    return {"requestBody": {"required": True, "content": _content(kinds)}}


def responses(
    kinds: dict[str, Any], status: int = 200, description: str = "The answer"
) -> dict[int | str, dict[str, Any]]:
    """What a route answers: media type → type, and how every error looks."""
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        status: {"description": description, "content": _content(kinds)},
        "4XX": {"description": "What is wrong, and what to do", "content": error},
    }


def with_types(document: dict[str, Any], kinds: list[Any]) -> dict[str, Any]:
    """The document with the schemas of the types, and of errors."""
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    error = {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "message": {"type": "string"},
                    "row": {"type": ["integer", "null"], "description": "that it is about, the first 0"},
                },
                "required": ["message", "row"],
            }
        },
        "required": ["error"],
    }
    found = document.setdefault("components", {}).setdefault("schemas", {})
    found.pop("HTTPValidationError", None)
    found.pop("ValidationError", None)
    found |= {**schemas, "Error": error}
    for path in document.get("paths", {}).values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    return document


def _content(kinds: dict[str, Any]) -> dict[str, Any]:
    return {media: {"schema": _schema(kind)} for media, kind in kinds.items()}


def _schema(kind: Any) -> dict[str, Any]:
    if kind is bytes:
        return _FILE
    if kind is dict:
        return {"type": "object"}
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return schema
