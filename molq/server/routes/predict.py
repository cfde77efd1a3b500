"""POST /v1/predict: scores of molecules in a body."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from molq.server import forms
from molq.server.accept import chosen_form
from molq.server.asked import (
    PredictBody,
    file_name,
    file_of,
    media_type,
    molecules_of_json,
    predict_body,
    refuse_many,
)
from molq.server.bodies import body_of
from molq.server.documented import body, responses
from molq.server.molecules import Answers, Extras, Molecules, answers_to
from molq.server.refusal import Refusal
from molq.server.service import Service

_FORMS = {forms.JSON: forms.as_json, forms.CSV: forms.as_csv, forms.ARROW: forms.as_arrow}
_AT_ONCE = 256
"""rows that are written without leaving the event loop"""


def predict_routes(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["scores"])

    @routes.post(
        "/v1/predict",
        summary="Scores of molecules",
        openapi_extra=body(
            {"application/json": tuple[str, ...] | PredictBody, "text/csv": bytes, "application/octet-stream": bytes}
        ),
        responses=responses({forms.JSON: dict, forms.CSV: bytes, forms.ARROW: bytes}),
    )
    async def predict(
        request: Request,
        model: Annotated[list[str] | None, Query(description="Models by name; all when left out.")] = None,
        percentile: Annotated[bool, Query(description="Where scores stand in the reference library.")] = False,
        belief: Annotated[bool, Query(description="Whether the scores can be believed.")] = False,
        contributions: Annotated[bool, Query(description="What each atom adds.")] = False,
        pictures: Annotated[bool, Query(description="An SVG of each molecule.")] = False,
        filename: Annotated[str, Query(description="What the file in the body is called.")] = "molecules",
        format: Annotated[str | None, Query(description="Of the file, where its content does not tell.")] = None,
        smiles_column: Annotated[str | None, Query(description="Of the file, by name or number.")] = None,
        id_column: Annotated[str | None, Query(description="Of the file, by name or number.")] = None,
    ) -> Response:
        """The body is a JSON list of SMILES, or a small file of any kind that molq reads.

        Every molecule comes out once, in order, with its scores or with the reason why it has none. The answer is JSON,
        CSV or an Arrow stream, as Accept says; CSV of one model is what `molq screen` writes, to the byte.
        """
        form = chosen_form(request.headers.get("accept", "*/*"), tuple(_FORMS))
        given = await body_of(request, service.limits)
        extras = Extras(percentile, belief, contributions, pictures)
        if media_type(request) == "application/json":
            asked = predict_body(given)
            molecules = molecules_of_json(asked, service.limits)
            model = list(asked.models) if asked.models is not None else model
            told = msgspec.structs.asdict(asked)
            extras = Extras(
                *(new if (new := told[name]) is not None else old for name, old in extras._asdict().items())
            )
        else:
            name = file_name(filename, service.limits)
            read = await file_of(given, name, service, smiles_column, id_column, format)
            if read.is_cut:
                refuse_many(max(read.total, service.limits.rows + 1), service.limits)
            molecules = Molecules(read.smiles, read.identifiers, read.rejected, read.notes)
        _refuse_extras(extras, form, len(molecules.smiles), service)
        answers = await answers_to(molecules, service.chosen(model), extras, service)
        return Response(await _written(answers, form), media_type=form)

    return routes


def _refuse_extras(extras: Extras, form: str, n_rows: int, service: Service) -> None:
    if form != forms.JSON and (extras.belief or extras.contributions or extras.pictures):
        raise Refusal(422, "belief, contributions and pictures come with JSON alone; Accept application/json")
    if (extras.pictures or extras.contributions) and n_rows > service.limits.pictures:
        raise Refusal(
            422, f"pictures and contributions of at most {service.limits.pictures} molecules at once; {n_rows:,} given"
        )
    if extras.percentile:
        service.refuse_unranked()


async def _written(answers: Answers, form: str) -> bytes:
    if len(answers.molecules.smiles) <= _AT_ONCE:
        return _FORMS[form](answers)
    return await asyncio.to_thread(_FORMS[form], answers)
