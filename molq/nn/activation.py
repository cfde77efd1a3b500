"""Activations: a name and the numbers that belong to it, and the torch module that they make.

All are elementwise: a channel's value depends on that channel alone, which is what lets kernels apply them in place and
quantization take a range per call site.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from torch import nn

from molq.errors import InputError

_LARGEST = 1e6
_LONG = 80
"""letters of a name that a message shows"""


class ActivationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers of an activation that are not the usual ones, under torch's names; the others are left out."""

    alpha: float | msgspec.UnsetType = msgspec.UNSET
    beta: float | msgspec.UnsetType = msgspec.UNSET
    lambd: float | msgspec.UnsetType = msgspec.UNSET
    max_val: float | msgspec.UnsetType = msgspec.UNSET
    min_val: float | msgspec.UnsetType = msgspec.UNSET
    negative_slope: float | msgspec.UnsetType = msgspec.UNSET
    num_parameters: int | msgspec.UnsetType = msgspec.UNSET
    """learned slopes of PReLU: one for all channels, or one for each"""
    threshold: float | msgspec.UnsetType = msgspec.UNSET
    value: float | msgspec.UnsetType = msgspec.UNSET


Settings = ActivationSettings | msgspec.UnsetType


class _Kind(NamedTuple):
    module: Callable[..., nn.Module]
    usual: Mapping[str, float] = {}
    """the numbers it takes, and what they are unless stated"""


# LeakyReLU's usual slope is chemprop's, not torch's
_KINDS = {
    "relu": _Kind(nn.ReLU),
    "leakyrelu": _Kind(nn.LeakyReLU, {"negative_slope": 0.1}),
    "prelu": _Kind(nn.PReLU, {"num_parameters": 1}),
    "tanh": _Kind(nn.Tanh),
    "selu": _Kind(nn.SELU),
    "elu": _Kind(nn.ELU, {"alpha": 1.0}),
    "celu": _Kind(nn.CELU, {"alpha": 1.0}),
    "gelu": _Kind(nn.GELU),
    "gelu_tanh": _Kind(functools.partial(nn.GELU, "tanh")),
    "silu": _Kind(nn.SiLU),
    "mish": _Kind(nn.Mish),
    "softplus": _Kind(nn.Softplus, {"beta": 1.0, "threshold": 20.0}),
    "sigmoid": _Kind(nn.Sigmoid),
    "logsigmoid": _Kind(nn.LogSigmoid),
    "hardsigmoid": _Kind(nn.Hardsigmoid),
    "hardswish": _Kind(nn.Hardswish),
    "hardtanh": _Kind(nn.Hardtanh, {"min_val": -1.0, "max_val": 1.0}),
    "relu6": _Kind(nn.ReLU6),
    "hardshrink": _Kind(nn.Hardshrink, {"lambd": 0.5}),
    "softshrink": _Kind(nn.Softshrink, {"lambd": 0.5}),
    "tanhshrink": _Kind(nn.Tanhshrink),
    "softsign": _Kind(nn.Softsign),
    "threshold": _Kind(nn.Threshold, {"threshold": 0.0, "value": 0.0}),
    "identity": _Kind(nn.Identity),
}
ACTIVATIONS = tuple(_KINDS)


def activation(name: str, settings: Settings = msgspec.UNSET) -> nn.Module:
    """The activation of that name, its other numbers the usual ones."""
    return _KINDS[name].module(**activation_numbers(name, settings))


def activation_numbers(name: str, settings: Settings = msgspec.UNSET) -> dict[str, float]:
    """All numbers of an activation, under torch's names."""
    return {**_KINDS[name].usual, **_stated(settings)}


def settings_of(name: str, numbers: Mapping[str, float]) -> Settings:
    """What is to be stated of an activation that has these numbers: those that are not the usual ones."""
    usual = _KINDS[name].usual
    unusual: dict[str, Any] = {key: number for key, number in numbers.items() if number != usual[key]}
    return ActivationSettings(**unusual) if unusual else msgspec.UNSET


def require_activation(field: str, name: str, settings: Settings) -> None:
    """Returns when there is such an activation and torch can compute it with these numbers. Raises InputError."""
    if name not in _KINDS:
        raise InputError(f"{field} must be one of {', '.join(ACTIVATIONS)}, not {name[:_LONG]!r}")
    stated = _stated(settings)
    if unknown := sorted(set(stated) - set(_KINDS[name].usual)):
        takes = ", ".join(_KINDS[name].usual) or "no number"
        raise InputError(f"{field}_settings states {unknown[0]}, and {name} takes {takes}")
    for key, number in stated.items():
        if not abs(number) <= _LARGEST or not math.isfinite(number):
            raise InputError(f"{field}_settings states {key} {number:.6g}; it must lie within ±{_LARGEST:,.0f}")
    if wrong := _impossible(name, activation_numbers(name, settings)):
        raise InputError(f"{field}_settings: {name} needs {wrong}")


def _stated(settings: Settings) -> dict[str, Any]:
    if isinstance(settings, msgspec.UnsetType):
        return {}
    return {key: number for key, number in msgspec.structs.asdict(settings).items() if number is not msgspec.UNSET}


def _impossible(name: str, numbers: Mapping[str, float]) -> str | None:
    """What the numbers must be and are not."""
    if name == "celu" and numbers["alpha"] == 0:
        return "an alpha that is not 0"
    if name == "softplus" and numbers["beta"] == 0:
        return "a beta that is not 0"
    if name == "softshrink" and numbers["lambd"] < 0:
        return f"a lambd of 0 or more, not {numbers['lambd']:.6g}"
    if name == "hardtanh" and numbers["min_val"] >= numbers["max_val"]:
        return f"a min_val below its max_val, not {numbers['min_val']:.6g} and {numbers['max_val']:.6g}"
    if name == "prelu" and numbers["num_parameters"] < 1:
        return "at least one slope"
    return None
