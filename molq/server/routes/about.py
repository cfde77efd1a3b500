"""What the server is: its models, its health, its numbers, its own documentation."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from molq import __version__
from molq.serial import to_json
from molq.server.documented import responses
from molq.server.metrics import CONTENT_TYPE, Counted
from molq.server.pages import docs_page
from molq.server.pool.questions import ModelDescription
from molq.server.refusal import error_response
from molq.server.service import Service


class ServedColumn(msgspec.Struct, frozen=True):
    """A column of scores."""

    name: str
    task: str
    part: str
    kind: str
    """probability, value or uncertainty"""


class ServedModel(msgspec.Struct, frozen=True):
    """A model that is served."""

    name: str
    columns: tuple[ServedColumn, ...]
    scheme: str
    architecture: str
    kind: str
    size_bytes: int
    content_hash: str
    members: int
    description: str
    trained_on: str | None
    has_training_set: bool
    of: str | None
    """the served model that it was quantized from"""
    notes: tuple[str, ...]


def about_routes(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["server"])

    @routes.get("/v1/models", summary="The models that are served", responses=responses({"application/json": dict}))
    async def models() -> Response:
        """Their columns, how much may be asked at once, and the reference library of percentiles."""
        reference = service.reference
        return _json(
            {
                "version": __version__,
                "models": [_served(model, service) for model in service.models.values()],
                "reference": {"name": reference.name, "rows": reference.rows} if reference.is_ready else None,
                "limits": {
                    name: getattr(service.limits, name)
                    for name in ("rows", "body_bytes", "upload_bytes", "data_bytes", "pictures")
                },
            }
        )

    @routes.get("/health", summary="Whether the server answers", responses=responses({"application/json": dict}))
    async def health() -> Response:
        """200 while its workers live."""
        if not service.pool.is_alive:
            return error_response(503, "the workers of this server have ended; start it again")
        seconds = round(time.time() - service.started, 1)
        return _json({"status": "ok", "version": __version__, "models": list(service.models), "uptime_s": seconds})

    @routes.get("/metrics", summary="Counts and times for Prometheus", responses=responses({"text/plain": bytes}))
    async def metrics() -> Response:
        """In Prometheus' text format."""
        return Response(service.metrics.text(_families(service)), headers={"Content-Type": CONTENT_TYPE})

    return routes


def document_routes(app: FastAPI, document: dict[str, Any]) -> None:
    """/openapi.json, and /docs: the same for people, without scripts."""
    as_json, as_page = to_json(document), docs_page(document)

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(as_json, media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return Response(as_page, media_type="text/html")


def _served(model: ModelDescription, service: Service) -> ServedModel:
    of = next((m.name for m in service.models.values() if m.content_hash == model.made_from), None)
    return ServedModel(
        model.name,
        tuple(ServedColumn(c.name, c.task, c.part, _kind(c.part, model.kind)) for c in model.columns),
        model.scheme,
        model.architecture,
        model.kind,
        model.size_bytes,
        model.content_hash,
        model.members,
        model.description,
        model.trained_on,
        model.believes,
        of,
        model.notes,
    )


def _kind(part: str, kind: str) -> str:
    if part not in ("value", "class"):
        return "uncertainty"
    return "value" if kind == "regression" else "probability"


def _families(service: Service) -> list[tuple[str, str, str, list[Counted]]]:
    counts = service.pool.counts
    names = list(service.models)
    return [
        ("molq_batches_total", "Questions to workers, many requests in one.", "counter", [Counted(counts.batches)]),
        ("molq_questions_total", "Questions answered.", "counter", [Counted(counts.questions)]),
        ("molq_rows_total", "Rows of those questions.", "counter", [Counted(counts.rows)]),
        ("molq_workers_replaced_total", "Workers that died or hung.", "counter", [Counted(counts.replaced)]),
        ("molq_waiting_rows", "Rows that wait for a worker.", "gauge", [Counted(counts.waiting_rows)]),
        ("molq_busy_workers", "Workers at work.", "gauge", [Counted(counts.busy)]),
        ("molq_start_time_seconds", "When the server started.", "gauge", [Counted(service.started)]),
        ("molq_info", "What is served.", "gauge", [Counted(1, {"version": __version__, "model": m}) for m in names]),
    ]


def _json(value: object) -> Response:
    return Response(to_json(value), media_type="application/json")
