"""Molecular property predictors made small and fast without changing what they find.

>>> import molq
>>> model = molq.load("bace-dmpnn")
>>> model.predict(["CC(=O)Oc1ccccc1C(=O)O"]).round(4)
array([0.0623], dtype=float32)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from molq import datasets as datasets
    from molq.errors import MissingShardsError as MissingShardsError
    from molq.errors import MolqError as MolqError
    from molq.errors import MolqWarning as MolqWarning
    from molq.face.calibration import CalibrationSet as CalibrationSet
    from molq.face.calibration import calibration_set as calibration_set
    from molq.face.checkpoint import import_checkpoint as import_checkpoint
    from molq.face.comparison import compare as compare
    from molq.face.comparison import evaluate as evaluate
    from molq.face.diagnosis import ModelDiagnosis as ModelDiagnosis
    from molq.face.diagnosis import diagnose as diagnose
    from molq.face.hits import hits as hits
    from molq.face.hits import write_hits as write_hits
    from molq.face.model import Making as Making
    from molq.face.model import Model as Model
    from molq.face.model import ModelInfo as ModelInfo
    from molq.face.model import Prediction as Prediction
    from molq.face.model import Predictions as Predictions
    from molq.face.model import load as load
    from molq.face.onnx import OnnxInputs as OnnxInputs
    from molq.face.onnx import onnx_inputs as onnx_inputs
    from molq.face.pages import write_report as write_report
    from molq.face.screening import merge as merge
    from molq.face.screening import plan as plan
    from molq.face.screening import screen as screen
    from molq.face.sensitivity import sensitivity as sensitivity
    from molq.face.space import CombinatorialSpace as CombinatorialSpace
    from molq.face.space import space as space
    from molq.face.space import space_from_reaction as space_from_reaction
    from molq.face.space import write_sample as write_sample
    from molq.face.study import study as study
    from molq.face.training import train as train
    from molq.results.comparison import Comparison as Comparison
    from molq.results.hits import Hits as Hits
    from molq.results.screening import ScreenPlan as ScreenPlan
    from molq.results.screening import ScreenSummary as ScreenSummary
    from molq.server.run import serve as serve

_HOMES = {
    "CalibrationSet": "molq.face.calibration",
    "CombinatorialSpace": "molq.face.space",
    "Comparison": "molq.results.comparison",
    "Hits": "molq.results.hits",
    "Making": "molq.face.model",
    "Model": "molq.face.model",
    "ModelDiagnosis": "molq.face.diagnosis",
    "ModelInfo": "molq.face.model",
    "MissingShardsError": "molq.errors",
    "MolqError": "molq.errors",
    "MolqWarning": "molq.errors",
    "OnnxInputs": "molq.face.onnx",
    "Prediction": "molq.face.model",
    "Predictions": "molq.face.model",
    "ScreenPlan": "molq.results.screening",
    "ScreenSummary": "molq.results.screening",
    "calibration_set": "molq.face.calibration",
    "compare": "molq.face.comparison",
    "diagnose": "molq.face.diagnosis",
    "evaluate": "molq.face.comparison",
    "hits": "molq.face.hits",
    "import_checkpoint": "molq.face.checkpoint",
    "load": "molq.face.model",
    "merge": "molq.face.screening",
    "onnx_inputs": "molq.face.onnx",
    "plan": "molq.face.screening",
    "screen": "molq.face.screening",
    "sensitivity": "molq.face.sensitivity",
    "serve": "molq.server.run",
    "space": "molq.face.space",
    "space_from_reaction": "molq.face.space",
    "study": "molq.face.study",
    "train": "molq.face.training",
    "write_hits": "molq.face.hits",
    "write_report": "molq.face.pages",
    "write_sample": "molq.face.space",
}
"""where each name comes from; nothing of it is imported before it is asked for"""
_MODULES = ("datasets",)

__all__ = [*sorted([*_HOMES, *_MODULES]), "__version__"]


if not TYPE_CHECKING:  # a type checker sees the imports above, and that no other name is there

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return import_module(f"molq.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module 'molq' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
