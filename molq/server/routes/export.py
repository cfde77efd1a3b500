"""POST /v1/export: molecules with their scores as a file for other programs."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from molq.server import forms
from molq.server.asked import json_of, refuse_many
from molq.server.documented import body, responses
from molq.server.images import images_of
from molq.server.molecules import Answers, Extras, Molecules, answers_to
from molq.server.pool.questions import Write, Written
from molq.server.pool.waiting import BATCH_ROWS
from molq.server.service import Service

ExportFormat = Literal["csv", "sdf", "xlsx", "arrow"]
_TYPES = {"csv": forms.CSV, "sdf": forms.SDF, "xlsx": forms.XLSX, "arrow": forms.ARROW}
_WRITERS = {"csv": forms.as_csv, "arrow": forms.as_arrow}


class ExportRow(msgspec.Struct, frozen=True):
    """A molecule to be written; anything else of it is not read."""

    smiles: str
    identifier: str | None = None


class ExportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Molecules to be scored and written."""

    rows: tuple[ExportRow, ...]
    models: tuple[str, ...] | None = None
    percentile: bool = False


def export_routes(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["scores"])

    @routes.post(
        "/v1/export",
        summary="Scores as a file",
        openapi_extra=body({"application/json": ExportBody}),
        responses=responses(dict.fromkeys(_TYPES.values(), bytes)),
    )
    async def export(
        request: Request, format: Annotated[ExportFormat, Query(description="csv, sdf, xlsx or arrow.")] = "csv"
    ) -> Response:
        """The molecules, scored anew: numbers of a client are never written. Rejected ones come with their reason."""
        asked = await json_of(request, ExportBody, service.limits)
        refuse_many(len(asked.rows), service.limits)
        if asked.percentile:
            service.refuse_unranked()
        identifiers = tuple(row.identifier for row in asked.rows)
        molecules = Molecules(tuple(row.smiles for row in asked.rows), identifiers if any(identifiers) else None)
        extras = Extras(percentile=asked.percentile)
        answers = await answers_to(molecules, service.chosen(asked.models), extras, service)
        if format == "sdf":
            content = await _records(answers, service)
        elif format == "xlsx":
            images = await images_of(molecules.smiles, service)
            content = await asyncio.to_thread(forms.as_xlsx, answers, images)
        else:
            content = await asyncio.to_thread(_WRITERS[format], answers)
        headers = {"Content-Disposition": f'attachment; filename="molq-scores.{format}"'}
        return Response(content, 200, headers, _TYPES[format])

    return routes


async def _records(answers: Answers, service: Service) -> bytes:
    """An SD file. A molecule that cannot be drawn has a record without atoms, which says why it has no score."""
    columns = await asyncio.to_thread(forms.as_columns, answers)
    smiles, ids = columns.pop("smiles"), columns.pop("id", None)
    titles = ids or [f"row {row + 1}" for row in range(len(smiles))]
    starts = range(0, len(smiles), BATCH_ROWS)
    asked = [
        Write(
            smiles=tuple(smiles[start : start + BATCH_ROWS]),
            titles=tuple(titles[start : start + BATCH_ROWS]),
            fields={name: tuple(cells[start : start + BATCH_ROWS]) for name, cells in columns.items()},
        )
        for start in starts
    ]
    written = await asyncio.gather(*(service.ask(question, Written) for question in asked))
    return "".join(record for part in written for record in part.records).encode("utf-8", "backslashreplace")
