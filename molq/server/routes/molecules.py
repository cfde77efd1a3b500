"""POST /v1/rows and /v1/pictures: what a file holds, and what molecules look like."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from molq.results.hits import Contributions
from molq.serial import to_json
from molq.server.asked import file_name, file_of, json_of
from molq.server.bodies import body_of
from molq.server.documented import body, responses
from molq.server.pool.questions import Draw, Drawn
from molq.server.refusal import Refusal
from molq.server.service import Service

_PIXELS = (20, 1000)


class FileRow(msgspec.Struct, frozen=True):
    """A molecule of a file."""

    row: int
    """of the file, the first 1, a header not counted"""
    smiles: str
    identifier: str | None
    error: str | None
    """why it could not be read"""


class PicturesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Molecules to be drawn."""

    smiles: tuple[str, ...]
    model: str | None = None
    """whose contributions colour the atoms"""
    column: str | None = None
    """of its scores; the first prediction when left out"""
    width: int = 150
    height: int = 100
    limit: float | None = None
    """contribution that is drawn at full strength; the largest of these molecules when left out"""


class Pictures(msgspec.Struct, frozen=True):
    """One entry for each molecule, in order."""

    pictures: tuple[str | None, ...]
    """as SVG without styles"""
    why: tuple[str | None, ...]
    """why there is no picture"""
    contributions: tuple[Contributions | None, ...]


def molecule_routes(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["molecules"])

    @routes.post(
        "/v1/rows",
        summary="The molecules in a file",
        openapi_extra=body({"application/octet-stream": bytes}),
        responses=responses({"application/json": dict}),
    )
    async def rows(
        request: Request,
        filename: Annotated[str, Query(description="What the file is called.")] = "molecules",
        format: Annotated[str | None, Query(description="Of the file, where its content does not tell.")] = None,
        smiles_column: Annotated[str | None, Query(description="By name or number.")] = None,
        id_column: Annotated[str | None, Query(description="By name or number.")] = None,
    ) -> Response:
        """What is pasted or dropped, a small file of any kind that molq reads, as rows."""
        given = await body_of(request, service.limits)
        name = file_name(filename, service.limits)
        read = await file_of(given, name, service, smiles_column, id_column, format)
        found = [
            FileRow(i + 1, smiles, read.identifiers[i] or None if read.identifiers else None, read.rejected.get(i))
            for i, smiles in enumerate(read.smiles)
        ]
        return Response(
            to_json({"rows": found, "total": read.total, "truncated": read.is_cut, "says": read.notes}),
            media_type="application/json",
        )

    @routes.post(
        "/v1/pictures",
        summary="Drawings of molecules",
        openapi_extra=body({"application/json": PicturesBody}),
        responses=responses({"application/json": Pictures}),
    )
    async def pictures(request: Request) -> Response:
        """SVG of each molecule; with a model, coloured by what each atom adds to a score."""
        asked = await json_of(request, PicturesBody, service.limits)
        _check(asked, service)
        drawn = await service.ask(
            Draw(
                smiles=asked.smiles,
                model=asked.model,
                column=asked.column,
                width=asked.width,
                height=asked.height,
                limit=asked.limit,
            ),
            Drawn,
        )
        made = Pictures(tuple(drawn.pictures), tuple(drawn.why), tuple(drawn.contributions))
        return Response(to_json(made), media_type="application/json")

    return routes


def _check(asked: PicturesBody, service: Service) -> None:
    """Raises Refusal for what cannot be drawn."""
    most = service.limits.pictures
    if len(asked.smiles) > most:
        raise Refusal(422, f"{len(asked.smiles):,} molecules; at most {most} are drawn at once", most)
    for name in ("width", "height"):
        low, high = _PIXELS
        if not low <= (pixels := getattr(asked, name)) <= high:
            raise Refusal(422, f"`{name}` is {pixels}; it must lie between {low} and {high} pixels")
    if asked.limit is not None and not 0 < asked.limit < float("inf"):
        raise Refusal(422, f"`limit` is {asked.limit}; it must be a number above 0")
    if asked.model is not None:
        (name,) = service.chosen([asked.model])
        columns = [column.name for column in service.models[name].columns]
        if asked.column is not None and asked.column not in columns:
            raise Refusal(422, f"{name} has no column {asked.column[:80]!r}; it has {', '.join(columns)}")
