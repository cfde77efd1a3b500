"""A name and its numbers make torch's module, and numbers that torch cannot compute are refused."""

from __future__ import annotations

import math

import msgspec
import pytest
import torch
from torch import nn

from molq.errors import InputError
from molq.nn.activation import (
    ACTIVATIONS,
    ActivationSettings,
    activation,
    activation_numbers,
    require_activation,
    settings_of,
)

X = torch.linspace(-5, 5, 101)


@pytest.mark.parametrize("name", ["relu", "leakyrelu", "prelu", "tanh", "selu", "elu"])
def test_without_settings_activations_are_chemprops(name: str) -> None:
    from chemprop.nn.utils import get_activation_function

    torch.testing.assert_close(activation(name)(X), get_activation_function(name)(X))


@pytest.mark.parametrize(
    ("name", "settings", "module"),
    [
        ("leakyrelu", {"negative_slope": 0.01}, nn.LeakyReLU(0.01)),
        ("elu", {"alpha": 0.5}, nn.ELU(0.5)),
        ("celu", {"alpha": 2.0}, nn.CELU(2.0)),
        ("softplus", {"beta": 2.0, "threshold": 3.0}, nn.Softplus(2.0, 3.0)),
        ("hardtanh", {"min_val": -0.5}, nn.Hardtanh(-0.5)),
        ("softshrink", {"lambd": 1.0}, nn.Softshrink(1.0)),
        ("threshold", {"threshold": 0.5, "value": -2.0}, nn.Threshold(0.5, -2.0)),
        ("gelu_tanh", {}, nn.GELU("tanh")),
    ],
)
def test_settings_are_torchs_numbers(name: str, settings: dict[str, float], module: nn.Module) -> None:
    made = activation(name, ActivationSettings(**settings))  # type: ignore[arg-type]
    assert torch.equal(made(X), module(X))
    assert not torch.equal(made(X), activation(name)(X)) or not settings


def test_what_is_usual_is_not_stated() -> None:
    for name in ACTIVATIONS:
        assert settings_of(name, activation_numbers(name)) is msgspec.UNSET
    made = settings_of("hardtanh", {"min_val": -1.0, "max_val": 6.0})
    assert msgspec.json.encode(made) == b'{"max_val":6.0}'
    assert activation_numbers("hardtanh", made) == {"min_val": -1.0, "max_val": 6.0}


def test_prelu_has_a_slope_for_each_channel() -> None:
    assert activation("prelu", ActivationSettings(num_parameters=7)).weight.shape == (7,)


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("swish", {}, "`?activation must be one of relu, .*, not 'swish'"),
        ("relu", {"alpha": 1.0}, "states alpha, and relu takes no number"),
        ("hardtanh", {"alpha": 1.0}, "states alpha, and hardtanh takes min_val, max_val"),
        ("elu", {"alpha": math.nan}, "alpha nan; it must lie within ±1,000,000"),
        ("elu", {"alpha": math.inf}, "alpha inf"),
        ("elu", {"alpha": -1e7}, "alpha -1e.07"),
        ("celu", {"alpha": 0.0}, "an alpha that is not 0"),
        ("softplus", {"beta": 0.0}, "a beta that is not 0"),
        ("softshrink", {"lambd": -0.5}, "a lambd of 0 or more, not -0.5"),
        ("hardtanh", {"min_val": 2.0}, "a min_val below its max_val, not 2 and 1"),
        ("prelu", {"num_parameters": 0}, "at least one slope"),
    ],
)
def test_what_torch_cannot_compute_is_refused(name: str, settings: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        require_activation("activation", name, ActivationSettings(**settings))  # type: ignore[arg-type]
