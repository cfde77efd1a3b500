"""What the shell offers for a half-typed word: bundled models and data sets by name, and files. Reads no file."""

from __future__ import annotations

from collections.abc import Sequence
from glob import escape, iglob
from os.path import isdir

from molq.errors import MolqError


def models(incomplete: str) -> list[str]:
    """Bundled models and paths."""
    return [*_starting(_models(), incomplete), *_paths(incomplete)]


def molecules(incomplete: str) -> list[str]:
    """Registered data sets and paths."""
    return [*_starting(_datasets(), incomplete), *_paths(incomplete)]


def models_and_molecules(incomplete: str) -> list[str]:
    """Both kinds of names, and paths."""
    return [*_starting([*_models(), *_datasets()], incomplete), *_paths(incomplete)]


def datasets(incomplete: str) -> list[str]:
    """Registered data sets alone."""
    return _starting(_datasets(), incomplete)


def _starting(names: Sequence[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _paths(incomplete: str) -> list[str]:
    return sorted(f"{path}/" if isdir(path) else path for path in iglob(f"{escape(incomplete)}*"))


def _models() -> list[str]:
    from molq.face.bundled import bundled_models

    try:
        return bundled_models()
    except MolqError:
        return []


def _datasets() -> list[str]:
    from molq.data.registry import dataset_names

    try:
        return dataset_names()
    except MolqError:
        return []
