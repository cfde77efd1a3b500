"""Results in JSON types, with the keys of ``results.json`` and of ``--json``."""

from __future__ import annotations

import dataclasses
import math
from functools import singledispatch
from pathlib import Path
from typing import Any

import msgspec
import numpy as np


@singledispatch
def plain(value: Any) -> Any:
    """``value`` in JSON types: fields become keys, numbers that are not finite None. TypeError for what JSON lacks.

    A type whose keys are not its fields registers a form of its own beside it.
    """
    if isinstance(value, msgspec.Struct):
        omits = value.__struct_config__.omit_defaults
        pairs = ((f, getattr(value, f.name)) for f in msgspec.structs.fields(value))
        pairs = ((f, item) for f, item in pairs if item is not msgspec.UNSET and not (omits and item == f.default))
        return {f.encode_name: plain(item) for f, item in pairs}
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON types")


@plain.register(str)
@plain.register(bool)
@plain.register(int)
@plain.register(type(None))
def _itself(value: Any) -> Any:
    return value


@plain.register
def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


@plain.register
def _scalar(value: np.generic) -> Any:
    return plain(value.item())


@plain.register(list)
@plain.register(tuple)
def _list(value: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [plain(item) for item in value]


@plain.register
def _dict(value: dict) -> dict[str, Any]:
    if odd := [key for key in value if not isinstance(key, str)]:
        raise TypeError(f"the key {odd[0]!r} is no text")
    return {key: plain(item) for key, item in value.items()}


@plain.register
def _path(value: Path) -> str:
    return str(value)
