"""/v1/jobs: large files, uploaded, screened in a queue, followed and fetched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response, StreamingResponse

from molq.columns import Columns, chosen, ranked
from molq.errors import InputError, MolqError, OutputError
from molq.records.input.source import FORMATS
from molq.screening.settings import Settings
from molq.serial import to_builtins, to_json
from molq.server import forms
from molq.server.asked import file_name
from molq.server.bodies import pieces_of
from molq.server.documented import body, responses
from molq.server.images import images_of
from molq.server.jobs.job import JobOptions, ScreenJob
from molq.server.jobs.queue import JobQueue
from molq.server.jobs.results import as_parquet, as_workbook, batches_of, best_of, first_smiles, refuse_beyond_a_sheet
from molq.server.pool.questions import Write, Written
from molq.server.pool.waiting import BATCH_ROWS
from molq.server.refusal import Refusal
from molq.server.service import Service
from molq.task_names import task_columns

ResultFormat = Literal["csv", "parquet", "xlsx", "sdf"]
JobId = Annotated[str, InPath(description="Of the job, as it was told when it was begun.")]
_TYPES = {"csv": forms.CSV, "parquet": "application/vnd.apache.parquet", "xlsx": forms.XLSX, "sdf": forms.SDF}
_TICK_SECONDS = 0.25
_SILENT_SECONDS = 10.0
"""after which a stream of events says that it still lives"""
_ROOM_STEP_BYTES = 64 << 20
_MOST_BEST = 1000
_MOST_IMAGES = 2000
"""structures in a workbook, of its first rows; each is some 8 kB"""


def job_routes(service: Service, queue: JobQueue) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["jobs"])
    making = asyncio.Lock()

    @routes.post(
        "/v1/jobs",
        status_code=201,
        summary="Upload a file to be screened",
        openapi_extra=body({"application/octet-stream": bytes}),
        responses=responses({"application/json": dict}, 201, "The job"),
    )
    async def create(
        request: Request,
        model: Annotated[list[str] | None, Query(description="Models by name; their tasks must differ.")] = None,
        filename: Annotated[str, Query(description="What the file is called.")] = "molecules",
        task: Annotated[
            list[str] | None, Query(description="Tasks or columns that are written; all when left out.")
        ] = None,
        top: Annotated[int | None, Query(description="Keep the so many best rows.")] = None,
        threshold: Annotated[float | None, Query(description="Keep rows that score at least this.")] = None,
        lowest: Annotated[bool, Query(description="Low scores are the good ones.")] = False,
        column: Annotated[list[str] | None, Query(description="Columns of the file to keep.")] = None,
        smiles_column: Annotated[str | None, Query(description="By name or number.")] = None,
        id_column: Annotated[str | None, Query(description="By name or number.")] = None,
        format: Annotated[str | None, Query(description="Of the file, where its content does not tell.")] = None,
        strict: Annotated[bool, Query(description="Reject rows with text after their SMILES.")] = False,
    ) -> Response:
        """The body is the file, of any kind that molq reads, up to the server's limit for uploads."""
        options = JobOptions(
            tasks=None if task is None else tuple(task),
            top=top,
            threshold=threshold,
            lowest=lowest,
            columns=tuple(column or ()),
            smiles_column=smiles_column,
            id_column=id_column,
            format=format,
            strict=strict,
        )
        models = service.chosen(model)
        _check(models, options, service)
        columns = tuple(task_columns([column.name for column in _chosen(models, options, service)]))
        new = queue.new(file_name(filename, service.limits), models, options, columns)
        job = await _uploaded(request, new, service, queue)
        return _job(job, queue, 201, {"Location": f"/v1/jobs/{job.id}"})

    @routes.get("/v1/jobs", summary="All jobs, the newest first", responses=responses({"application/json": dict}))
    async def jobs() -> Response:
        """With the bytes that are kept of them, and how many may be."""
        kept = await asyncio.to_thread(queue.kept_bytes)
        found = [_told(job, queue) for job in queue.all()]
        return Response(
            to_json({"jobs": found, "kept_bytes": kept, "limit_bytes": queue.data_bytes}), media_type="application/json"
        )

    @routes.get("/v1/jobs/{id}", summary="One job", responses=responses({"application/json": dict}))
    async def job(id: JobId) -> Response:
        """How far it has come, and when it will end."""
        return _job(_known(id, queue), queue)

    @routes.get(
        "/v1/jobs/{id}/events", summary="A job as it goes on", responses=responses({"text/event-stream": bytes})
    )
    async def events(id: JobId) -> Response:
        """Server-sent events, each with the whole job, until it has ended."""
        _known(id, queue)
        return StreamingResponse(_events(id, queue), media_type="text/event-stream")

    @routes.post("/v1/jobs/{id}/cancel", summary="Stop a job", responses=responses({"application/json": dict}))
    async def cancel(id: JobId) -> Response:
        """What is done is kept, and resume goes on from there."""
        return _job(await _changed(queue.cancel, id, queue), queue)

    @routes.post("/v1/jobs/{id}/resume", summary="Go on with a job", responses=responses({"application/json": dict}))
    async def resume(id: JobId) -> Response:
        """One that was cancelled or has failed."""
        return _job(await _changed(queue.resume, id, queue), queue)

    @routes.delete("/v1/jobs/{id}", status_code=204, summary="Remove a job", responses=responses({}, 204, "It is gone"))
    async def remove(id: JobId) -> Response:
        """With its file and its result; one that runs is cancelled first."""
        await _changed(queue.remove, id, queue)
        return Response(None, 204)

    @routes.get(
        "/v1/jobs/{id}/result",
        summary="The scores of a job",
        responses=responses(dict.fromkeys(_TYPES.values(), bytes)),
    )
    async def result(
        id: JobId, format: Annotated[ResultFormat, Query(description="csv, parquet, xlsx or sdf.")] = "csv"
    ) -> Response:
        """As molq screen wrote them, or the same in another form; Excel with the structures of the first 2,000 rows."""
        done = _finished(id, queue)
        written = queue.folder.result(id)
        headers = {"Content-Disposition": f'attachment; filename="{_download_name(done, format)}"'}
        if format == "sdf":
            return StreamingResponse(_sdf(written, list(done.score_columns), service), 200, headers, forms.SDF)
        place = written
        if format != "csv":
            place = written.with_suffix(f".{format}")
            async with making:
                await _made(done, written, place, service, queue)
        return FileResponse(place, 200, headers, _TYPES[format])

    @routes.get(
        "/v1/jobs/{id}/best", summary="The best molecules of a job", responses=responses({"application/json": dict})
    )
    async def best(
        id: JobId,
        n: Annotated[int, Query(description="So many.", ge=1, le=_MOST_BEST)] = 100,
        column: Annotated[str | None, Query(description="Of the scores; the first prediction when left out.")] = None,
        lowest: Annotated[
            bool | None, Query(description="Low scores are the good ones; as the job says when left out.")
        ] = None,
    ) -> Response:
        """By one column of scores, best first; rows count from 0."""
        done = _finished(id, queue)
        scores = list(done.score_columns)
        by = column or scores[0]
        if by not in scores:
            raise Refusal(422, f"the job has no column {by[:80]!r}; it has {', '.join(scores)}")
        is_low = done.options.lowest if lowest is None else lowest
        found = await asyncio.to_thread(best_of, queue.folder.result(id), scores, by, n, lowest=is_low)
        return Response(
            to_json({"rows": [row._asdict() for row in found], "column": by, "lowest": is_low}),
            media_type="application/json",
        )

    return routes


def _check(models: tuple[str, ...], options: JobOptions, service: Service) -> None:
    """Raises Refusal for what a screen would refuse, before anything is uploaded."""
    try:
        Settings(**msgspec.structs.asdict(options))
    except InputError as error:
        raise Refusal(422, str(error)) from None
    names = [name for model in models for name in {n for c in service.models[model].columns for n in (c.task, c.name)}]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise Refusal(422, f"two models have a task {repeated[0]!r}; send a job for each, with `model`")
    known = set(names)
    for name in options.tasks or ():
        if name not in known:
            raise Refusal(422, f"no model of the job has a task {name[:80]!r}; there are {', '.join(sorted(known))}")
    if options.format is not None and options.format not in FORMATS:
        raise Refusal(422, f"`format` {options.format[:40]!r} is none that is read; it is one of {', '.join(FORMATS)}")
    if options.top is not None and len(ranked(_chosen(models, options, service))) > 1:
        raise Refusal(422, "`top` goes with one column of scores; choose it with `task`")


def _chosen(models: tuple[str, ...], options: JobOptions, service: Service) -> Columns:
    """The columns that a screen writes."""
    columns = tuple(column for name in models for column in service.models[name].columns)
    return tuple(columns[place] for place in chosen(columns, options.tasks))


async def _uploaded(request: Request, job: ScreenJob, service: Service, queue: JobQueue) -> ScreenJob:
    """The job, its file on the disk. Raises Refusal, and leaves nothing, when the upload does not come whole."""
    stated = request.headers.get("content-length", "")
    room = int(stated[:20]) if stated.isascii() and stated.isdigit() else 0
    if room <= service.limits.upload_bytes:  # more than that is refused when it is read
        await _room(queue.refuse_beyond, room)
    n_bytes = n_checked = 0
    try:
        await asyncio.to_thread(queue.begin, job)
        with queue.folder.upload(job.id, job.filename).open("xb") as file:
            async for piece in pieces_of(request, service.limits, service.limits.upload_bytes):
                await asyncio.to_thread(file.write, piece)
                n_bytes += len(piece)
                if queue.get(job.id) is None:
                    raise InputError("the job was removed while its file was sent")
                if n_bytes - n_checked > _ROOM_STEP_BYTES:
                    n_checked = n_bytes
                    await _room(queue.make_room, 0)
        if not n_bytes:
            raise Refusal(422, "the body is empty; send the file as the body")
        await _room(queue.make_room, 0)
        return await asyncio.to_thread(queue.uploaded, job.id, n_bytes)
    except BaseException as error:
        await asyncio.shield(asyncio.to_thread(queue.abandon, job.id))
        if isinstance(error, InputError):
            raise Refusal(409, str(error)) from None
        if isinstance(error, OutputError):
            raise Refusal(507, str(error)) from None
        if isinstance(error, OSError):
            raise Refusal(507, f"the file cannot be kept ({error.strerror or error}); free disk space") from None
        raise


async def _room(find: Callable[..., None], *about: Any) -> None:
    """Room for bytes, as a method of the queue finds it. Raises Refusal where there is none."""
    try:
        await asyncio.to_thread(find, *about)
    except OutputError as error:
        raise Refusal(507, str(error)) from None


async def _changed(change: Any, id: str, queue: JobQueue) -> Any:
    _known(id, queue)
    try:
        return await asyncio.to_thread(change, id)
    except InputError as error:
        raise Refusal(409, str(error)) from None
    except OutputError as error:
        raise Refusal(507, str(error)) from None
    except KeyError:
        raise Refusal(404, "there is no such job; it was removed") from None


async def _made(job: ScreenJob, written: Path, place: Path, service: Service, queue: JobQueue) -> None:
    """Another form of a result, unless it is there, as far as room is made for it."""
    if place.exists():
        return
    scores, n_bytes = list(job.score_columns), written.stat().st_size
    try:
        if place.suffix == ".parquet":
            await _room(queue.make_room, n_bytes, job.id)
            await asyncio.to_thread(as_parquet, written, place, scores)
        else:
            await asyncio.to_thread(refuse_beyond_a_sheet, written, scores)
            smiles = await asyncio.to_thread(first_smiles, written, scores, _MOST_IMAGES)
            images = await images_of(smiles, service, background=True)
            await _room(queue.make_room, n_bytes + sum(len(image) for image in images if image), job.id)
            await asyncio.to_thread(as_workbook, written, place, scores, images)
    except MolqError as error:
        raise Refusal(422 if isinstance(error, InputError) else 507, str(error)) from None


async def _sdf(written: Path, scores: list[str], service: Service) -> AsyncIterator[bytes]:
    rows = 0
    for batch in batches_of(written, scores):
        for start in range(0, batch.num_rows, BATCH_ROWS):
            part = batch.slice(start, BATCH_ROWS)
            cells = {name: tuple(map(_text, forms.cells_of_column(part.column(name)))) for name in part.schema.names}
            smiles = cells.pop("smiles")
            titles = cells.pop("id", tuple(f"row {rows + i + 1}" for i in range(len(smiles))))
            asked = Write(smiles=smiles, titles=titles, fields=cells)
            records = (await service.ask(asked, Written, background=True)).records
            yield "".join(records).encode("utf-8", "backslashreplace")
            rows += len(smiles)


def _text(cell: str | None) -> str:
    return cell or ""


async def _events(id: str, queue: JobQueue) -> AsyncIterator[bytes]:
    told: tuple[ScreenJob, int | None] | None = None
    told_at = 0.0
    while True:
        job = queue.get(id)
        if job is None:
            return
        now = time.monotonic()
        if (found := (job, queue.place(id))) != told:
            told, told_at = found, now
            yield b"event: job\ndata: " + to_json(_told(job, queue)) + b"\n\n"
            if job.is_final:
                return
        elif now - told_at > _SILENT_SECONDS:
            told_at = now
            yield b": still here\n\n"
        await asyncio.sleep(_TICK_SECONDS)


def _known(id: str, queue: JobQueue) -> ScreenJob:
    job = queue.get(id)
    if job is None:
        raise Refusal(404, f"there is no job {id[:40]!r}; GET /v1/jobs lists those there are")
    return job


def _finished(id: str, queue: JobQueue) -> ScreenJob:
    job = _known(id, queue)
    if job.state != "done":
        raise Refusal(409, f"the job is {job.state}; its result is there when it is done")
    if not queue.folder.result(id).exists():
        raise Refusal(410, "somebody took the result of the job from the disk; send its file again")
    return job


def _download_name(job: ScreenJob, format: str) -> str:
    stem = job.filename.partition(".")[0].encode("ascii", "replace").decode().replace("?", "_") or "molecules"
    return f"{stem}-scores.{format}"


def _job(job: ScreenJob, queue: JobQueue, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(to_json(_told(job, queue)), status, headers, "application/json")


def _told(job: ScreenJob, queue: JobQueue) -> dict[str, Any]:
    left = job.seconds_left
    ends = None if left is None else datetime.fromtimestamp(time.time() + left, UTC).isoformat(timespec="seconds")
    told = to_builtins(job)
    for name in ("created", "started", "finished"):
        if told[name] is not None:
            told[name] = datetime.fromtimestamp(told[name], UTC).isoformat(timespec="milliseconds")
    del told["digests"]
    return {
        **told,
        "place": queue.place(job.id),
        "seconds_left": left,
        "ends_at": ends,
        "formats": list(_TYPES) if job.state == "done" else [],
    }
