"""Fake quantization: a quantized predictor whose integers can be learnt.

A layer computes on the integers that it would be saved with, in float32, so it is exact while K·255·127 < 2^24. In the
backward pass rounding counts as the identity, and clamping as itself. Weights, biases, the scale of every row of
weights and the range of every call site are learnt; zero points and multipliers stay.

Source: Bengio et al., Estimating or Propagating Gradients, 2013 (straight-through); Esser et al., Learned Step Size
Quantization, ICLR 2020.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from molq.errors import UnsupportedError
from molq.nn.predictor import Predictor
from molq.quant.layers import IntLinear
from molq.quant.observers import LEVELS
from molq.quant.weights import CODE_BITS, expand_groups, pack_codes, unpack_codes

INSIDE = 0.49
"""of a step: how far a float weight may start from its code and still round to it"""


def fake_quantized(quantized: Predictor, near: Predictor | None = None) -> Predictor:
    """A copy of ``quantized`` that computes what it computes, and can be trained.

    ``near`` is the float predictor that was rounded: weights then start at its weights, or as near to them as they
    round to the integers of ``quantized``, and else at the integers. Raises UnsupportedError when no layer is integer.
    """
    made = copy.deepcopy(quantized)
    layers = {name: layer for name, layer in made.named_modules() if isinstance(layer, IntLinear)}
    if not layers:
        raise UnsupportedError(f"the model is {quantized.scheme} and has no integer weights to learn")
    for name, layer in layers.items():
        weight: Any = None if near is None else near.get_submodule(name).weight
        made.set_submodule(name, FakeLinear(layer, None if weight is None else weight.detach()))
    return made


def integer(fake: Predictor) -> Predictor:
    """The quantized predictor that ``fake`` stands for, in inference mode."""
    made = copy.deepcopy(fake).eval()
    for name, layer in list(made.named_modules()):
        if isinstance(layer, FakeLinear):
            made.set_submodule(name, layer.integer())
    return made


class FakeLinear(nn.Module):
    """An IntLinear whose weights [N, K], bias [N], scales [N] of rows and scales [sites] of static inputs are learnt.

    Scales are learnt as factors exp(θ) of those it starts from, so that they stay positive and a step of the optimizer
    means the same for all.
    """

    multiplier: Tensor
    row_scale: Tensor
    input_scale: Tensor
    input_zero: Tensor

    def __init__(self, layer: IntLinear, near: Tensor | None = None) -> None:
        super().__init__()
        self.weights, self.activations, self.role, self.sites = (
            layer.weights,
            layer.activations,
            layer.role,
            layer.sites,
        )
        self.group, self.out_features, self.in_features = layer.group, layer.out_features, layer.in_features
        self.low, self.high = -127, 127
        codes, multiplier = layer.weight, torch.ones(1, 1)
        if layer.group is not None:
            bits = CODE_BITS[layer.weights]
            self.low, self.high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
            codes = unpack_codes(layer.weight, layer.in_features, bits)
            multiplier = expand_groups(layer.multiplier, layer.group, layer.in_features).float()
        self.register_buffer("multiplier", multiplier)
        self.register_buffer("row_scale", layer.weight_scale.clone())
        self.row_factor = nn.Parameter(torch.zeros(layer.out_features))
        start, step = codes.float(), self._step()
        if near is not None:
            start = torch.clamp(near / step, start - INSIDE, start + INSIDE)
        self.weight = nn.Parameter((start * step).detach())
        self.bias = None if layer.bias is None else nn.Parameter(layer.bias.clone())
        if layer.activations == "static":
            self.register_buffer("input_scale", layer.input_scale.clone())
            self.register_buffer("input_zero", layer.input_zero.clone())
            self.input_factor = nn.Parameter(torch.zeros(layer.sites))

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        integers, row_scale = self.codes() * self.multiplier, self.weight_scale()
        if self.activations is None:
            return F.linear(x, integers * row_scale[:, None], self.bias)
        q, scale = self._encode(x, site)
        y = F.linear(q, integers) * (scale * row_scale)
        return y if self.bias is None else y + self.bias

    def codes(self) -> Tensor:
        """Whole numbers float32 [N, K]."""
        return torch.clamp(round_through(self.weight / self._step()), self.low, self.high)

    def weight_scale(self) -> Tensor:
        """Scale of every row [N]."""
        return self.row_scale * self.row_factor.exp()

    @torch.no_grad()
    def integer(self) -> IntLinear:
        """The layer as it is stored and executed."""
        made = IntLinear(
            self.weights, self.activations, self.role, self.out_features, self.in_features, self.bias is not None,
            self.sites, self.group,
        )  # fmt: skip
        codes = self.codes().to(torch.int8)
        if self.group is None:
            made.weight.copy_(codes)
        else:
            made.weight.copy_(pack_codes(codes, CODE_BITS[self.weights]))
            made.multiplier.copy_(self.multiplier[:, :: self.group])
        made.weight_scale.copy_(self.weight_scale())
        if made.bias is not None and self.bias is not None:
            made.bias.copy_(self.bias)
        if self.activations == "static":
            made.input_scale.copy_(self.input_scale * self.input_factor.exp())
            made.input_zero.copy_(self.input_zero)
        return made

    def _step(self) -> Tensor:
        return self.weight_scale()[:, None] * self.multiplier

    def _encode(self, x: Tensor, site: int) -> tuple[Tensor, Tensor]:
        """Codes less their zero point [M, K], and the scale: of the call site, or [M, 1] of every row when dynamic."""
        if self.activations == "static":
            scale = self.input_scale[site] * self.input_factor[site].exp()
            zero = self.input_zero[site].float()
        else:
            low, high = x.detach().amin(1, keepdim=True).clamp(max=0), x.detach().amax(1, keepdim=True).clamp(min=0)
            scale = (high - low) / LEVELS
            scale = torch.where(scale > 0, scale, torch.ones_like(scale))
            zero = torch.round(-low / scale)
        q = round_through(x * (1 / scale))
        return torch.minimum(torch.maximum(q, -zero), LEVELS - zero), scale


def round_through(x: Tensor) -> Tensor:
    """``x`` rounded to whole numbers, half to even; the gradient passes as if it were not."""
    rounded: Tensor = _Round.apply(x)
    return rounded


class _Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.round(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient
