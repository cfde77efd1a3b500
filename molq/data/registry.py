"""The datasets molq knows by name: one TOML each, in datasets/ of a checkout or molq/_datasets of an installation."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from molq.errors import DatasetError, InputError
from molq.serial import from_builtins


class DatasetInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of a dataset without opening it."""

    name: str
    description: str
    kind: Literal["classification", "regression", "library"]
    """a library has no labels"""
    tasks: tuple[str, ...] = ()
    """label columns; none for a library"""
    smiles_column: str | None = None
    """None: one SMILES per line, no header"""
    filename: str
    """of the uncompressed file; a copy may carry .gz behind it"""
    url: str
    """canonical address; the content may be served gzipped"""
    mirrors: tuple[str, ...] = ()
    """other addresses of the same bytes, tried in order after ``url``"""
    sha256: str
    """of the uncompressed file"""
    rows: int
    """data rows, header excluded"""
    licence: str
    citation: str
    origin: str
    """where the registered bytes were taken from"""
    embedded: bool = False
    """True when the file ships with molq"""


def dataset_names() -> list[str]:
    """Names of all registered datasets, sorted."""
    return sorted(path.stem for path in datasets_dir().glob("*.toml"))


def dataset_info(name: str) -> DatasetInfo:
    """The entry of ``name``; InputError with the nearest names when there is none."""
    names = dataset_names()
    if name not in names:
        near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
        remedy = f"did you mean {', '.join(near)}?" if near else f"choose from {', '.join(names)}"
        raise InputError(f"no dataset named {name!r}: {remedy}")
    return _read(datasets_dir() / f"{name}.toml")


@cache
def datasets_dir() -> Path:
    """The folder of the registry and the embedded files."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_datasets", package.parent / "datasets"):
        if any(folder.glob("*.toml")):
            return folder
    raise DatasetError(f"the dataset registry is missing from {package}: install molq again")


@cache
def _read(path: Path) -> DatasetInfo:
    try:
        entry: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DatasetError(f"{path} cannot be read ({error}): install molq again") from error
    try:
        return from_builtins({"name": path.stem} | entry, DatasetInfo, str(path))
    except InputError as error:
        raise DatasetError(f"{error}: install molq again") from error
