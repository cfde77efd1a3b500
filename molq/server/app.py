"""The application: every route behind the gate, every failure as the same JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from molq import __version__
from molq.server.asked import PredictBody
from molq.server.documented import with_types
from molq.server.gate import Gate, unknown_error
from molq.server.jobs.queue import JobQueue
from molq.server.molecules import Extras, Molecules, answers_to
from molq.server.reference import ReferenceLibrary
from molq.server.refusal import Refusal, error_response
from molq.server.routes.about import about_routes, document_routes
from molq.server.routes.export import ExportBody, export_routes
from molq.server.routes.jobs import job_routes
from molq.server.routes.molecules import Pictures, PicturesBody, molecule_routes
from molq.server.routes.page import page_routes
from molq.server.routes.predict import predict_routes
from molq.server.service import Service

_AGAIN_SECONDS = 10.0
_ABOUT = "Scores of molecules by the models that molq serves, the same to the bit as those that molq screen writes."


def make_app(
    service: Service,
    token: str | None = None,
    jobs: JobQueue | None = None,
    reference: ReferenceLibrary | None = None,
) -> ASGIApp:
    """The application as a server runs it; without ``jobs`` it takes no large files.

    The ``reference`` is scored while requests are answered already.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.learn_models()
        ranking = asyncio.create_task(_rank(service, reference)) if reference is not None else None
        try:
            yield
        finally:
            if ranking is not None:
                ranking.cancel()
            if jobs is not None:
                await asyncio.to_thread(jobs.close)
            service.pool.close()

    app = FastAPI(
        title="molq",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for routes in (predict_routes, export_routes, molecule_routes):
        app.include_router(routes(service))
    app.include_router(about_routes(service))
    if jobs is not None:
        app.include_router(job_routes(service, jobs))
    document_routes(app, with_types(app.openapi(), [PredictBody, ExportBody, PicturesBody, Pictures]))
    app.include_router(page_routes())
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(Exception, _at_fault)
    return Gate(app, token, service.metrics)


async def _rank(service: Service, library: ReferenceLibrary) -> None:
    """Score the reference, when nobody else asks; again, where workers have failed on it."""
    molecules = Molecules(library.smiles)
    while True:
        try:
            answers = await answers_to(molecules, tuple(service.models), Extras(), service, background=True)
            break
        except Refusal:
            await asyncio.sleep(_AGAIN_SECONDS)
    scores = {name: found.scores for name, found in answers.models.items()}
    service.reference.fill(library.name, len(library.smiles), scores)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return error.response


async def _invalid(request: Request, error: Exception) -> Response:
    """A parameter of the address that is not what it must be."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    return error_response(422, f"`{name[:80]}` is {str(first.get('input'))[:80]!r}: {first['msg']}")


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return error_response(404, f"nothing is at {request.url.path[:200]!r}; /docs lists what is")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return error_response(
            405,
            f"{request.url.path[:200]!r} does not take {request.method[:20]}; it takes {allowed}",
            headers=error.headers,
        )
    return error_response(error.status_code, str(error.detail), headers=error.headers)


async def _at_fault(request: Request, error: Exception) -> Response:
    response: Response = unknown_error()
    return response
