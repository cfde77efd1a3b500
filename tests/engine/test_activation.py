"""Every activation of a predictor is the kernel's code and slope that give torch's numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from molq.engine import kernels
from molq.engine.activation import lower_activation
from molq.nn.config import ACTIVATIONS
from molq.nn.linear import activation

X = np.concatenate([np.linspace(-30, 30, 61), np.linspace(-1, 1, 41), [1e-6, -1e-6]]).astype(np.float32)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_lowered_activation_gives_torchs_numbers(name: str) -> None:
    module = activation(name)
    row = X.copy()
    kernels.activate(row, *lower_activation(name, module))
    np.testing.assert_allclose(row, module(torch.from_numpy(X)).detach().numpy(), rtol=3e-7, atol=1.5e-7)


def test_the_learned_slope_of_prelu_is_taken() -> None:
    module = activation("prelu")
    with torch.no_grad():
        module.weight.fill_(0.625)
    row = np.array([-2, 3], np.float32)
    kernels.activate(row, *lower_activation("prelu", module))
    assert row.tolist() == [-1.25, 3]
