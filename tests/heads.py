"""Small networks with every kind of head."""

from __future__ import annotations

import msgspec
import torch

from molq.nn.config import default_config
from molq.nn.outputs import UNCERTAINTIES, Outputs
from molq.nn.predictor import Predictor

TASKS = ("logS", "b c")
HEADS = [
    Outputs(kind, uncertainty, 4 if kind == "multiclass" else None)
    for kind, uncertainties in UNCERTAINTIES.items()
    for uncertainty in (None, *uncertainties)
]


def head_of(outputs: Outputs, seed: int = 0, **changes: object) -> Predictor:
    """A network of two tasks with that head and random weights."""
    stated = {
        "uncertainty": outputs.uncertainty or msgspec.UNSET,
        "n_classes": outputs.n_classes or msgspec.UNSET,
        "d_h": 32,
        "head_hidden": (24,),
    }
    torch.manual_seed(seed)
    return Predictor(default_config("dmpnn", TASKS, outputs.kind, **(stated | changes))).eval()
