"""The activation that a checkpoint's hyper-parameters name, as molq's name and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from molq.errors import CheckpointError
from molq.interop.inert import Instance
from molq.nn.activation import ACTIVATIONS, Settings, activation_numbers, settings_of

_TORCH = "torch.nn.modules.activation"
_IDENTITY = "torch.nn.modules.linear.Identity"
_ENUM = "chemprop.nn.utils.Activation"
_BY_NAME = ("relu", "leakyrelu", "prelu", "tanh", "selu", "elu")
"""what chemprop makes of a word; all others it takes as modules"""
_NOT_ELEMENTWISE = ("GLU", "MultiheadAttention", "Softmax", "Softmax2d", "Softmin", "LogSoftmax")


class StatedActivation(NamedTuple):
    """An activation as a checkpoint states it."""

    name: str
    settings: Settings
    in_place: bool
    """whether it overwrites its input, of which chemprop's residual is then made"""


def stated_activation(value: Any) -> StatedActivation:
    """The activation of a hyper-parameter: a name, a member of chemprop's Activation, or a torch module.

    A name's numbers are those that chemprop gives it, which are the usual ones of molq; a module holds its own. Raises
    CheckpointError, naming the class, for one that molq does not offer.
    """
    if isinstance(value, Instance) and value.cls.path == _ENUM and value.args:
        value = value.args[0]
    if isinstance(value, str):
        if value.lower() not in _BY_NAME:
            raise CheckpointError(f"its activation is {value[:80]!r}, and chemprop knows {', '.join(_BY_NAME)} by name")
        return StatedActivation(value.lower(), msgspec.UNSET, in_place=False)
    if isinstance(value, Instance) and (value.cls.module == _TORCH or value.cls.path == _IDENTITY):
        return _module(value.cls.name, value.state if isinstance(value.state, dict) else {})
    raise CheckpointError("its activation is neither a name nor an activation of torch")


def _module(torch_name: str, state: Mapping[str, Any]) -> StatedActivation:
    in_place = bool(state.get("inplace"))
    if torch_name == "RReLU":  # in inference it is a LeakyReLU of the mean slope
        slope = (_number(torch_name, state, "lower") + _number(torch_name, state, "upper")) / 2
        return StatedActivation("leakyrelu", settings_of("leakyrelu", {"negative_slope": slope}), in_place)
    name = torch_name.lower()
    if name == "gelu" and state.get("approximate", "none") != "none":
        name = "gelu_tanh"
    if torch_name in _NOT_ELEMENTWISE:
        raise CheckpointError(
            f"its activation is {torch_name}, which looks at all channels at once; molq offers activations that look at"
            f" one ({', '.join(ACTIVATIONS)})"
        )
    if name not in ACTIVATIONS:
        raise CheckpointError(
            f"its activation {torch_name[:80]} is none that molq knows; it offers {', '.join(ACTIVATIONS)}"
        )
    numbers = {key: _number(torch_name, state, key) for key in activation_numbers(name)}
    return StatedActivation(name, settings_of(name, numbers), in_place)


def _number(torch_name: str, state: Mapping[str, Any], key: str) -> float:
    number = state.get(key)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise CheckpointError(f"its {torch_name} states no {key} that is a number")
    return number if key == "num_parameters" else float(number)
