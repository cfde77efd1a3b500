"""The model card: what a model is for, how it was made, and what was measured of it."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import msgspec

from molq import __version__
from molq.chem.molecule_features.reference import RecordedFeatures
from molq.store.training_set import TrainingSet


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything about a model but the model; each section holds JSON types, and is None when there is nothing to say.

    ``training``: data set, its checksum, split, seed, curve. ``calibration``: strategy, size, seed, checksum and
    coverage of the calibration set. ``metrics``: what was measured, with intervals. ``provenance``: the model or the
    checkpoints it was made from. ``created_with``: versions of the libraries. ``molecule_features``, only
    of models that take any: what they were of ten molecules where the model was made. ``training_set``, only of models
    that molq trained on molecules that do not come with it: what they look like, as far as nearness to them needs it.
    """

    name: str
    description: str = ""
    training: dict[str, Any] | None = None
    calibration: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None
    provenance: dict[str, Any] | None = None
    created_with: dict[str, str] = {}
    molecule_features: RecordedFeatures | msgspec.UnsetType = msgspec.UNSET
    training_set: TrainingSet | msgspec.UnsetType = msgspec.UNSET


def library_versions() -> dict[str, str]:
    """Versions of molq and of the libraries that decide what a model's numbers are."""
    libraries = ("torch", "torch-geometric", "rdkit", "numpy", "numba")
    return {"molq": __version__, "python": platform.python_version(), **{name: version(name) for name in libraries}}
