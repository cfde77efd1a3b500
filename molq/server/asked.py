"""What a request asks: its molecules and its options, from JSON, from a file in the body, and from the address."""

from __future__ import annotations

import re
from typing import Any, TypeVar, cast

import msgspec
from starlette.requests import Request

from molq.records.trailing import trailing_note, trailing_rows
from molq.server.bodies import body_of
from molq.server.limits import Limits
from molq.server.molecules import Molecules
from molq.server.pool.questions import Read, ReadRows
from molq.server.refusal import Refusal
from molq.server.service import Service

T = TypeVar("T")
_PLACE = re.compile(r"\$(?:\.\w+)?\[(\d+)\]")
_NAME = re.compile(r"[^\w.+ ()-]")


class PredictBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Molecules to be scored."""

    smiles: tuple[str, ...]
    identifiers: tuple[str | None, ...] | None = None
    models: tuple[str, ...] | None = None
    """by name; all that are served when left out"""
    percentile: bool | None = None
    """where each score stands among those of the reference library, 0 to 100"""
    belief: bool | None = None
    """whether each score can be believed"""
    contributions: bool | None = None
    """what each atom adds to each score"""
    pictures: bool | None = None
    """an SVG of each molecule"""


async def json_of(request: Request, kind: type[T], limits: Limits) -> T:
    """The JSON body as a value of ``kind``. Raises Refusal, which names the row where there is one."""
    refuse_other_types(request, ("application/json",))
    return decoded(await body_of(request, limits), kind)


def decoded(body: bytes, kind: type[T]) -> T:
    """The value of ``kind`` in JSON. Raises Refusal: 400 for what is no JSON, 422 for another value."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        row = int(place[1]) if place else None
        where = "" if row is None else f"row {row}: "
        raise Refusal(422, f"{where}{error}", row) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, f"the body is no JSON that is read here: {error}") from None


def media_type(request: Request) -> str:
    """Of the body, in small letters, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_other_types(request: Request, types: tuple[str, ...]) -> None:
    """Returns for a body of one of the types. Raises Refusal (415) else."""
    found = media_type(request)
    if found not in types:
        raise Refusal(415, f"the body has Content-Type {found[:80] or 'nothing'!r}; send it as {' or '.join(types)}")


def file_name(given: str, limits: Limits) -> str:
    """A name that is shown and never opened: the last part of what a client calls its file."""
    last = re.split(r"[/\\]", given)[-1]
    name = _NAME.sub("_", last).strip(". ")[-limits.name_characters :]
    return name or "molecules"


async def file_of(
    body: bytes, name: str, service: Service, smiles_column: str | None, id_column: str | None, format: str | None
) -> ReadRows:
    """The rows of a file in a body, as many as one request may have. Raises Refusal when it cannot be read."""
    return await service.ask(
        Read(
            name=name,
            content=body,
            most_rows=service.limits.rows,
            smiles_column=smiles_column,
            id_column=id_column,
            format=format,
        ),
        ReadRows,
    )


def predict_body(body: bytes) -> PredictBody:
    """What is asked in JSON: a list of SMILES, or a ``PredictBody``. Raises Refusal for anything else."""
    asked: Any = decoded(body, cast(Any, tuple[str, ...] | PredictBody))
    return asked if isinstance(asked, PredictBody) else PredictBody(asked)


def molecules_of_json(body: PredictBody, limits: Limits) -> Molecules:
    """Raises Refusal for too many, and for as many identifiers as there are no molecules."""
    refuse_many(len(body.smiles), limits)
    if body.identifiers is not None and len(body.identifiers) != len(body.smiles):
        raise Refusal(422, f"{len(body.identifiers):,} identifiers for {len(body.smiles):,} smiles; give one for each")
    notes = trailing_note(len(trailing_rows(body.smiles)))
    return Molecules(body.smiles, body.identifiers, notes=tuple(notes))


def refuse_many(n_rows: int, limits: Limits) -> None:
    """Returns for so many molecules as one request may have. Raises Refusal (422) for more."""
    if n_rows > limits.rows:
        raise Refusal(
            422,
            f"{n_rows:,} molecules; at most {limits.rows:,} are scored in one request. Send fewer at a time, or the"
            " file as a job (POST /v1/jobs)",
            limits.rows,
        )
