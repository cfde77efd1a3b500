"""The model card: what a model is for, how it was made, and what was measured of it."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from typing import Any

from molq import __version__
from molq.errors import InputError


@dataclass(frozen=True)
class Card:
    """Everything about a model but the model; each section holds JSON types, and is None when there is nothing to say.

    ``training``: data set, its checksum, split, seed, curve. ``calibration``: strategy, size, seed, checksum and
    coverage of the calibration set. ``metrics``: what was measured, with intervals. ``provenance``: the model or the
    checkpoints it was made from. ``created_with``: versions of the libraries.
    """

    name: str
    description: str = ""
    training: dict[str, Any] | None = None
    calibration: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None
    provenance: dict[str, Any] | None = None
    created_with: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The card in JSON types; numbers that are not finite become None. Raises InputError on any other type."""
        return {key: _json(value, key) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Card:
        """The card that ``to_dict`` wrote. Raises InputError on unknown keys and on sections of a wrong type."""
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InputError(f"unknown keys in a model card: {', '.join(unknown)}")
        if "name" not in values:
            raise InputError("a model card needs a name")
        for key, value in values.items():
            if key in ("name", "description"):
                right = isinstance(value, str)
            elif key == "created_with":
                right = isinstance(value, dict) and all(isinstance(version, str) for version in value.values())
            else:
                right = value is None or isinstance(value, dict)
            if not right:
                raise InputError(f"{key} of a model card cannot be a {type(value).__name__}")
        return cls(**values)


def _json(value: Any, place: str) -> Any:
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else None
        case list() | tuple():
            return [_json(item, place) for item in value]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise InputError(f"{place} of a model card has a key that is no text")
            return {key: _json(item, f"{place}.{key}") for key, item in value.items()}
    raise InputError(f"{place} of a model card holds a {type(value).__name__}, which JSON has no word for")


def library_versions() -> dict[str, str]:
    """Versions of molq and of the libraries that decide what a model's numbers are."""
    libraries = ("torch", "torch-geometric", "rdkit", "numpy", "numba")
    return {"molq": __version__, "python": platform.python_version(), **{name: version(name) for name in libraries}}
