"""Networks of any size with freshly initialised weights: the arithmetic of trained ones, without the training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from molq.interop.sources import import_model
from molq.nn.predictor import Predictor


def models(width: int, depth: int, folder: Path) -> tuple[Any, Predictor]:
    """chemprop's D-MPNN, the same on every call, and its weights as a Predictor; ``folder``/model.pt holds them."""
    from chemprop.models import MPNN, save_model
    from chemprop.nn import BinaryClassificationFFN, BondMessagePassing, NormAggregation

    torch.manual_seed(0)
    module = MPNN(
        BondMessagePassing(d_h=width, depth=depth), NormAggregation(), BinaryClassificationFFN(1, width, width)
    ).eval()
    save_model(folder / "model.pt", module)
    imported = import_model([str(folder / "model.pt")]).network
    assert isinstance(imported, Predictor)
    return module, imported.eval()
