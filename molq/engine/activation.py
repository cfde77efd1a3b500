"""Activations as the kernels take them: a code and a slope."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from torch import nn

from molq.engine.kernels import ACTIVATION_CODES


class Activation(NamedTuple):
    """Code and slope; the slope matters to LeakyReLU and PReLU only."""

    code: int
    slope: np.float32


def lower_activation(name: str, module: nn.Module) -> Activation:
    """The activation called ``name`` with the learned or fixed slope of ``module``."""
    if isinstance(module, nn.PReLU):
        return Activation(ACTIVATION_CODES[name], np.float32(module.weight.item()))
    return Activation(ACTIVATION_CODES[name], np.float32(getattr(module, "negative_slope", 0.0)))
