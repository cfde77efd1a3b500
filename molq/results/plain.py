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
    """``value`` in JSON types: fields become keys, numbers that are not finite None.

    A type whose keys are not its fields registers a form of its own beside it.
    """
    if isinstance(value, msgspec.Struct):
        return {f.encode_name: plain(getattr(value, f.name)) for f in msgspec.structs.fields(value)}
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
    return {str(key): plain(item) for key, item in value.items()}


@plain.register
def _path(value: Path) -> str:
    return str(value)
