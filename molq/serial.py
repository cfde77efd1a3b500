"""Values as JSON and back: the one way in which molq writes what it will read again.

Values are ``msgspec.Struct`` or frozen dataclasses. What is read back is validated against the type: a missing field, a
field of another type and, for a Struct with ``forbid_unknown_fields``, an unknown one are errors.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from molq.errors import InputError

T = TypeVar("T")


def to_builtins(value: Any) -> Any:
    """``value`` as dicts, lists, strings and numbers; NumPy values become Python's, paths text."""
    return msgspec.to_builtins(value, enc_hook=_plain)


def to_json(value: Any) -> bytes:
    """One line of UTF-8 JSON. Numbers that JSON lacks (NaN, infinities) become null."""
    return msgspec.json.encode(value, enc_hook=_plain)


def to_pretty_json(value: Any) -> str:
    """JSON for people, indented by two."""
    return json.dumps(json.loads(to_json(value)), indent=2, ensure_ascii=False)


def from_json(text: bytes | str, kind: type[T], place: str) -> T:
    """The value of type ``kind`` that ``text`` holds.

    Raises InputError, naming ``place`` and the field, for text that is no JSON or no such value.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{place}: {error}") from error


def from_builtins(value: Any, kind: type[T], place: str) -> T:
    """The value of type ``kind`` made of dicts, lists and numbers, such as parsed JSON. Raises InputError as above."""
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{place}: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")
