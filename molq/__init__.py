"""Molecular property predictors made small and fast without changing what they find.

>>> import molq
>>> model = molq.load("bace-dmpnn")
>>> model.predict(["CC(=O)Oc1ccccc1C(=O)O"]).round(4)
array([0.0073], dtype=float32)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from molq import datasets as datasets
    from molq.errors import MolqError as MolqError
    from molq.face.model import Model as Model
    from molq.face.model import Prediction as Prediction
    from molq.face.model import Predictions as Predictions
    from molq.face.model import load as load

_HOMES = {
    "Model": "molq.face.model",
    "MolqError": "molq.errors",
    "Prediction": "molq.face.model",
    "Predictions": "molq.face.model",
    "load": "molq.face.model",
}
"""where each name comes from; nothing of it is imported before it is asked for"""
_MODULES = ("datasets",)

__all__ = [*sorted([*_HOMES, *_MODULES]), "__version__"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"molq.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'molq' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
