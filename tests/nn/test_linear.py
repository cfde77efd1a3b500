from __future__ import annotations

import math

import pytest
import torch

from molq.nn.linear import Linear


def test_a_layer_is_torchs_linear_at_every_site() -> None:
    layer, x = Linear(6, 4, True, "message", sites=3), torch.randn(5, 6)
    expected = torch.nn.functional.linear(x, layer.weight, layer.bias)
    for site in range(3):
        assert torch.equal(layer(x, site), expected)
    assert torch.equal(layer(x), expected)
    assert (layer.role, layer.sites) == ("message", 3)
    assert Linear(6, 4, True, "head").sites == 1


def test_the_halves_of_a_split_matrix_start_as_the_whole_would() -> None:
    torch.manual_seed(0)
    for fan_in, expected in ((400, 1 / math.sqrt(400)), (None, 1 / math.sqrt(100))):
        layer = Linear(100, 300, True, "table", fan_in=fan_in)
        for parameter in (layer.weight, layer.bias):
            assert parameter.abs().max() <= expected
            assert parameter.abs().max() > 0.95 * expected
            assert parameter.std().item() == pytest.approx(expected / math.sqrt(3), rel=0.1)
    assert Linear(100, 300, False, "table", fan_in=400).bias is None
