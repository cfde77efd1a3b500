"""One matrix at one call site, lowered: rows in, products out, in the arithmetic of its scheme."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from molq.engine import kernels
from molq.engine.matmul import FloatWeight, IntWeight
from molq.engine.scratch import Scratch
from molq.nn.linear import EXACT_INPUTS, Linear
from molq.quant.layers import HalfLinear, IntLinear, QuantLayer

F32 = NDArray[np.float32]


class Product:
    """x [M, K] to x·Wᵀ [M, N]. The bias of the layer is kept beside it, for the kernel that comes next."""

    bias: F32
    """float32 [N], zeros when the layer has none"""

    def __init__(self, layer: Linear | QuantLayer, scratch: Scratch) -> None:
        self.n, self.k = layer.out_features, layer.in_features
        self._scratch = scratch
        bias = layer.bias
        self.bias = np.zeros(self.n, np.float32) if bias is None else bias.detach().numpy().astype(np.float32)

    def apply(self, x: F32, out: F32) -> None:
        """out float32 [M, N] ← x float32 [M, K] · Wᵀ."""
        raise TypeError(f"{type(self).__name__} has no arithmetic of its own")


class FloatProduct(Product):
    """Float32 products, or bf16 products whose input and result are rounded to bf16."""

    def __init__(self, layer: Linear | QuantLayer, scratch: Scratch) -> None:
        super().__init__(layer, scratch)
        is_bf16 = isinstance(layer, HalfLinear) and layer.weights == "bf16" and layer.role not in EXACT_INPUTS
        self.dtype = torch.bfloat16 if is_bf16 and has_bf16() else torch.float32
        self.rounds_input = is_bf16 and not has_bf16()
        self.weight = FloatWeight(_float_weight(layer).to(self.dtype))

    def apply(self, x: F32, out: F32) -> None:
        rows = torch.from_numpy(x)
        if self.dtype is torch.float32:
            if self.rounds_input:
                rows = rows.to(torch.bfloat16).float()
            self.weight.multiply(rows, torch.from_numpy(out))
            return
        product = torch.empty(len(x), self.n, dtype=self.dtype)
        self.weight.multiply(rows.to(self.dtype), product)
        torch.from_numpy(out).copy_(product)


class StaticProduct(Product):
    """Integer products of inputs quantized with the range of the call site."""

    def __init__(self, layer: IntLinear, site: int, scratch: Scratch) -> None:
        super().__init__(layer, scratch)
        scale = layer.input_scale[site]
        self.inverse = np.float32((1 / scale).item())
        self.zero = int(layer.input_zero[site])
        self.scale: F32 = (scale * layer.weight_scale).numpy()
        integers = layer.integers()
        self.weight = IntWeight(integers)
        self.zero_sum = (self.zero * integers.sum(1, dtype=torch.int64)).to(torch.int32).numpy()

    def totals(self, q: NDArray[np.uint8], out: NDArray[np.int32]) -> None:
        """out int32 [M, N] ← Σ_k (q_k − zero)·w_k for codes q uint8 [M, K], exactly."""
        self.weight.multiply(torch.from_numpy(q), torch.from_numpy(out))
        if self.zero:
            kernels.subtract_row(out, self.zero_sum)

    def apply(self, x: F32, out: F32) -> None:
        q = self._scratch.lend("codes", x.shape, np.uint8)
        kernels.quantize_rows(x, self.inverse, self.zero, q)
        total = self._scratch.lend("totals", out.shape, np.int32)
        self.totals(q, total)
        kernels.rescale(total, self.scale, out)


class DynamicProduct(Product):
    """Integer products of inputs quantized row by row with their own range."""

    def __init__(self, layer: IntLinear, scratch: Scratch) -> None:
        super().__init__(layer, scratch)
        integers = layer.integers()
        self.weight = IntWeight(integers)
        self.weight_scale: F32 = layer.weight_scale.numpy()
        self.column_sum = integers.sum(1, dtype=torch.int64).to(torch.int32).numpy()

    def apply(self, x: F32, out: F32) -> None:
        q = self._scratch.lend("codes", x.shape, np.uint8)
        scale = self._scratch.lend("row_scale", (len(x),), np.float32)
        zero = self._scratch.lend("row_zero", (len(x),), np.int32)
        kernels.quantize_rows_dynamic(x, q, scale, zero)
        total = self._scratch.lend("totals", out.shape, np.int32)
        self.weight.multiply(torch.from_numpy(q), torch.from_numpy(total))
        kernels.rescale_dynamic(total, scale, zero, self.column_sum, self.weight_scale, out)


def lower_layer(layer: Any, site: int, scratch: Scratch) -> Product:
    """The product that executes ``layer`` at that call site."""
    if isinstance(layer, IntLinear) and layer.activations == "static":
        return StaticProduct(layer, site, scratch)
    if isinstance(layer, IntLinear) and layer.activations == "dynamic":
        return DynamicProduct(layer, scratch)
    return FloatProduct(layer, scratch)


def table_weight(layer: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight [N, K] and bias [N] of a layer whose input is a descriptor's features, in float64."""
    weight = _float_weight(layer).double().numpy()
    bias = np.zeros(len(weight)) if layer.bias is None else layer.bias.detach().double().numpy()
    return weight, bias


def has_bf16() -> bool:
    """Whether this CPU multiplies bf16 in hardware; without it, bf16 is many times slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _float_weight(layer: Linear | QuantLayer) -> torch.Tensor:
    if isinstance(layer, IntLinear):
        return layer.integers().float() * layer.weight_scale[:, None]
    if isinstance(layer, HalfLinear):
        return layer.weight.float()
    return layer.weight.detach()
