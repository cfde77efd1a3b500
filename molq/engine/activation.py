"""Activations as the kernels take them: a code and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn

from molq.engine import activation_kernels as codes


class Activation(NamedTuple):
    """Code and numbers, float32 [k]."""

    code: int
    numbers: NDArray[np.float32]


_Lowering = tuple[int, Callable[[Any], tuple[float, ...]]]
_LOWERINGS: dict[type[nn.Module], _Lowering] = {
    nn.ReLU: (codes.RELU, lambda _: ()),
    nn.LeakyReLU: (codes.LEAKY, lambda module: (module.negative_slope,)),
    nn.Tanh: (codes.TANH, lambda _: ()),
    nn.SELU: (codes.SELU, lambda _: ()),
    nn.ELU: (codes.EXPONENTIAL, lambda module: (module.alpha, 1.0)),
    nn.CELU: (codes.EXPONENTIAL, lambda module: (module.alpha, 1.0 / module.alpha)),
    nn.SiLU: (codes.SILU, lambda _: ()),
    nn.Mish: (codes.MISH, lambda _: ()),
    nn.Softplus: (codes.SOFTPLUS, lambda module: (module.beta, module.threshold)),
    nn.Sigmoid: (codes.SIGMOID, lambda _: ()),
    nn.LogSigmoid: (codes.LOG_SIGMOID, lambda _: ()),
    nn.Hardsigmoid: (codes.HARD_SIGMOID, lambda _: ()),
    nn.Hardswish: (codes.HARD_SWISH, lambda _: ()),
    nn.Hardtanh: (codes.CLAMP, lambda module: (module.min_val, module.max_val)),
    nn.ReLU6: (codes.CLAMP, lambda _: (0.0, 6.0)),
    nn.Hardshrink: (codes.HARD_SHRINK, lambda module: (module.lambd,)),
    nn.Softshrink: (codes.SOFT_SHRINK, lambda module: (module.lambd,)),
    nn.Tanhshrink: (codes.TANH_SHRINK, lambda _: ()),
    nn.Softsign: (codes.SOFTSIGN, lambda _: ()),
    nn.Threshold: (codes.THRESHOLD, lambda module: (module.threshold, module.value)),
    nn.Identity: (codes.IDENTITY, lambda _: ()),
}


def lower_activation(module: nn.Module) -> Activation:
    """The kernel's code and numbers that compute what the torch ``module`` does."""
    if isinstance(module, nn.PReLU):
        slopes = module.weight.detach().numpy().astype(np.float32)
        return Activation(codes.LEAKY if len(slopes) == 1 else codes.LEAKY_PER_CHANNEL, slopes)
    if isinstance(module, nn.GELU):
        return Activation(codes.GELU if module.approximate == "none" else codes.GELU_TANH, np.empty(0, np.float32))
    code, numbers = _LOWERINGS[type(module)]
    return Activation(code, np.array(numbers(module), np.float32))


_RISING = {
    codes.RELU,
    codes.TANH,
    codes.SELU,
    codes.SOFTPLUS,
    codes.LOG_SIGMOID,
    codes.SIGMOID,
    codes.HARD_SIGMOID,
    codes.CLAMP,
    codes.HARD_SHRINK,
    codes.SOFT_SHRINK,
    codes.TANH_SHRINK,
    codes.SOFTSIGN,
    codes.IDENTITY,
}


def rises(activation: Activation) -> bool:
    """Whether a larger input never gives a smaller output."""
    if activation.code in (codes.LEAKY, codes.LEAKY_PER_CHANNEL):
        return bool((activation.numbers >= 0).all())
    if activation.code == codes.EXPONENTIAL:
        return bool(activation.numbers[0] >= 0)
    return activation.code in _RISING
