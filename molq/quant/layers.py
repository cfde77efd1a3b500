"""Quantized layers: what a Linear becomes, and what of a predictor is quantized how.

Their forward is the reference arithmetic; the engine runs the same integers faster.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Annotated

import msgspec
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from molq.errors import InputError, UnsupportedError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Network
from molq.nn.linear import EXACT_INPUTS, Linear
from molq.nn.predictor import Predictor
from molq.quant.observers import LEVELS, scale_and_zero
from molq.quant.weights import CODE_BITS, Grid, expand_groups, pack_codes, packed_width, unpack_codes
from molq.results.layers import Layer

HALF_TYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


class HalfLinear(nn.Module):
    """A Linear whose weights are stored in 16 bits.

    fp16 is storage only: products run in float32. bf16 also rounds the input, which is what hardware multiplies.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weights: str, role: str, out_features: int, in_features: int, bias: bool, sites: int) -> None:
        super().__init__()
        self.weights, self.activations, self.role, self.sites = weights, None, role, sites
        self.out_features, self.in_features = out_features, in_features
        self.register_buffer("weight", torch.zeros(out_features, in_features, dtype=HALF_TYPES[weights]))
        self.register_buffer("bias", torch.zeros(out_features) if bias else None)

    @classmethod
    def from_linear(cls, layer: Linear, weights: str) -> HalfLinear:
        made = cls(weights, layer.role, layer.out_features, layer.in_features, layer.bias is not None, layer.sites)
        made.weight.copy_(layer.weight.detach())
        if not torch.isfinite(made.weight).all():
            raise UnsupportedError(f"weights up to {layer.weight.abs().max():.3g} do not fit {weights}; use bf16")
        _copy_bias(layer, made)
        return made

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        if self.weights == "bf16" and self.role not in EXACT_INPUTS:
            x = x.to(torch.bfloat16).float()
        return F.linear(x, self.weight.float(), self.bias)


class IntLinear(nn.Module):
    """A Linear with integer weights and, unless it is a table or weight-only, unsigned 8-bit inputs.

    y = (Σ_k (q_k − zero)·w_k) · scale_x·scale_w + b, the sum being exact. w_k are the stored weights (``int8``), or
    multiplier·code of each group of inputs (``int4``, ``int3``, ``int2``, packed); all fit 8 bits.
    """

    weight: Tensor
    """int8 [N, K], or packed codes uint8 [N, ⌈K·bits/8⌉]"""
    weight_scale: Tensor
    multiplier: Tensor
    bias: Tensor | None
    input_scale: Tensor
    input_zero: Tensor

    def __init__(
        self,
        weights: str,
        activations: str | None,
        role: str,
        out_features: int,
        in_features: int,
        bias: bool,
        sites: int,
        group: int | None = None,
    ) -> None:
        super().__init__()
        self.weights, self.activations, self.role, self.sites, self.group = weights, activations, role, sites, group
        self.out_features, self.in_features = out_features, in_features
        if group is None:
            self.register_buffer("weight", torch.zeros(out_features, in_features, dtype=torch.int8))
        else:
            n_groups = -(-in_features // group)
            width = packed_width(in_features, CODE_BITS[weights])
            self.register_buffer("weight", torch.zeros(out_features, width, dtype=torch.uint8))
            self.register_buffer("multiplier", torch.ones(out_features, n_groups, dtype=torch.int8))
        self.register_buffer("weight_scale", torch.ones(out_features))
        self.register_buffer("bias", torch.zeros(out_features) if bias else None)
        if activations == "static":
            self.register_buffer("input_scale", torch.ones(sites))
            self.register_buffer("input_zero", torch.zeros(sites, dtype=torch.int32))

    @classmethod
    def from_linear(
        cls,
        layer: Linear,
        grid: Grid,
        codes: Tensor,
        activations: str | None,
        ranges: list[tuple[float, float]] | None = None,
    ) -> IntLinear:
        """The layer with weights at those codes [N, K] of the grid; ``ranges`` holds (low, high) per static site."""
        weights, group = "int8", None
        if grid.multiplier is not None:
            weights, group = f"int{grid.bits}", grid.group
        shape = (layer.out_features, layer.in_features, layer.bias is not None, layer.sites)
        made = cls(weights, activations, layer.role, *shape, group)
        made.weight_scale.copy_(grid.scale)
        if grid.multiplier is None:
            made.weight.copy_(codes)
        else:
            made.weight.copy_(pack_codes(codes, grid.bits))
            made.multiplier.copy_(grid.multiplier)
        _copy_bias(layer, made)
        if activations == "static":
            assert ranges is not None
            assert len(ranges) == layer.sites
            for site, (low, high) in enumerate(ranges):
                made.input_scale[site], made.input_zero[site] = scale_and_zero(low, high)
        return made

    def integers(self) -> Tensor:
        """The weights int8 [N, K] that products run on, in units of ``weight_scale``."""
        if self.group is None:
            return self.weight
        codes = unpack_codes(self.weight, self.in_features, CODE_BITS[self.weights])
        return codes * expand_groups(self.multiplier, self.group, self.in_features)

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        if self.activations is None:
            return F.linear(x, self.integers().float() * self.weight_scale[:, None], self.bias)
        q, scale, zero = self.quantize_input(x, site)
        total = (
            (q.double() - zero) @ self.integers().double().T
        ).float()  # integers below 2^53: exact before the rounding
        y = total * (scale * self.weight_scale)
        return y if self.bias is None else y + self.bias

    def quantize_input(self, x: Tensor, site: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """Codes uint8 [M, K], scale and zero point: of the call site, or [M, 1] of every row when dynamic."""
        if self.activations == "static":
            scale, zero = self.input_scale[site], self.input_zero[site]
        else:
            low, high = x.amin(1, keepdim=True).clamp(max=0), x.amax(1, keepdim=True).clamp(min=0)
            scale = (high - low) / LEVELS
            scale = torch.where(scale > 0, scale, torch.ones_like(scale))
            zero = torch.round(-low / scale)
        q = torch.clamp(torch.round(x * (1 / scale)) + zero, 0, LEVELS)
        return q.to(torch.uint8), scale, zero


QuantLayer = HalfLinear | IntLinear


def matrix_layers(predictor: Predictor) -> dict[str, Linear | QuantLayer]:
    """All matrix layers of the predictor by name, quantized or not."""
    return {n: m for n, m in predictor.named_modules() if isinstance(m, Linear | HalfLinear | IntLinear)}


def layer_table(network: Network) -> list[Layer]:
    """One row per matrix layer; those of an ensemble are named ``member.layer``."""
    prefix = len(network.members) > 1
    return [
        _row(f"{i}.{name}" if prefix else name, layer)
        for i, member in enumerate(network.members)
        for name, layer in matrix_layers(member).items()
    ]


def dequantized(predictor: Predictor) -> Predictor:
    """A copy in float32 with the weights as stored, whose activations are not rounded."""
    made = copy.deepcopy(predictor).eval()
    for name, layer in matrix_layers(predictor).items():
        if isinstance(layer, Linear):
            continue
        plain = Linear(layer.in_features, layer.out_features, layer.bias is not None, layer.role, sites=layer.sites)
        weight = layer.weight.float()
        if isinstance(layer, IntLinear):
            weight = layer.integers().float() * layer.weight_scale[:, None]
        with torch.no_grad():
            plain.weight.copy_(weight)
            if layer.bias is not None:
                plain.bias.copy_(layer.bias)
        made.set_submodule(name, plain)
    return made


class LayerSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What ``build`` needs to remake a quantized layer."""

    weights: str
    activations: str | None
    group: Annotated[int, msgspec.Meta(gt=0)] | None = None
    """inputs that share a multiplier; None for weights without any"""


def layer_specs(predictor: Predictor) -> dict[str, LayerSpec]:
    """Of every quantized layer, by name."""
    specs: dict[str, LayerSpec] = {}
    for name, layer in matrix_layers(predictor).items():
        if isinstance(layer, HalfLinear):
            specs[name] = LayerSpec(layer.weights, layer.activations)
        elif isinstance(layer, IntLinear):
            specs[name] = LayerSpec(layer.weights, layer.activations, layer.group)
    return specs


def build(config: PredictorConfig, scheme: str, specs: Mapping[str, LayerSpec]) -> Predictor:
    """A predictor of that configuration with empty quantized layers in place, ready for its tensors.

    Raises InputError when ``specs`` names a layer that the configuration does not have, or an unknown type.
    """
    predictor = Predictor(config)
    layers = matrix_layers(predictor)
    for name, spec in specs.items():
        layer = layers.get(name)
        if not isinstance(layer, Linear):
            raise InputError(f"{config.architecture} has no layer {name!r}")
        shape = (layer.role, layer.out_features, layer.in_features, layer.bias is not None, layer.sites)
        weights, activations, group = spec.weights, spec.activations, spec.group
        is_known = activations in (None, "static", "dynamic")
        if weights in HALF_TYPES and activations is None and group is None:
            made: QuantLayer = HalfLinear(weights, *shape)
        elif weights == "int8" and is_known and group is None:
            made = IntLinear(weights, activations, *shape)
        elif weights in CODE_BITS and is_known and group is not None:
            made = IntLinear(weights, activations, *shape, group)
        else:
            raise InputError(f"layer {name!r} has an unknown quantization: {spec}")
        predictor.set_submodule(name, made)
    predictor.scheme = scheme
    return predictor


def _row(name: str, layer: Linear | QuantLayer) -> Layer:
    tensors = [*layer.parameters(), *layer.buffers()]
    ranges: tuple[tuple[float, float], ...] = ()
    if isinstance(layer, IntLinear) and layer.activations == "static":
        ranges = tuple(
            (-zero * scale, (LEVELS - zero) * scale)
            for scale, zero in zip(layer.input_scale.tolist(), layer.input_zero.tolist(), strict=True)
        )
    return Layer(
        name,
        layer.role,
        (layer.out_features, layer.in_features),
        "fp32" if isinstance(layer, Linear) else layer.weights,
        None if isinstance(layer, Linear) else layer.activations,
        sum(t.numel() * t.element_size() for t in tensors),
        ranges,
    )


def _copy_bias(layer: Linear, made: QuantLayer) -> None:
    if made.bias is not None:
        made.bias.copy_(layer.bias.detach())
