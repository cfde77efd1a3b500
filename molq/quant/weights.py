"""Weight quantization: integers, where they may lie, and how codes of few bits are packed.

8-bit weights have one scale per output channel. 4-, 3- and 2-bit weights have, in addition, one small integer per group
of inputs: weight ≈ scale[row] · multiplier[row, group] · code, with codes from −8 to 7, −4 to 3 or −2 to 1. The product
multiplier · code fits 8 bits, so a group-wise layer runs on the int8 kernel, and its sums are exact integers whatever
their order.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

GROUP = 20
MAX_MULTIPLIER = 15
CODE_BITS = {"int4": 4, "int3": 3, "int2": 2}
"""of weights that have multipliers"""
_SIGNED_MULTIPLIERS = [m for m in range(-MAX_MULTIPLIER, MAX_MULTIPLIER + 1) if m]
_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8)


class Grid(NamedTuple):
    """Where quantized weights [N, K] may lie: at step · code, for whole codes from ``low`` to ``high``."""

    scale: Tensor
    """float32 [N]"""
    multiplier: Tensor | None
    """int8 [N, G] of weights in CODE_BITS"""
    group: int
    """inputs that share a multiplier"""
    step: Tensor
    """float64 [N, K]"""
    bits: int
    low: int
    high: int

    def nearest(self, weight: Tensor) -> Tensor:
        """Codes int8 [N, K] nearest to ``weight`` [N, K]."""
        return torch.clamp(torch.round(weight.double() / self.step), self.low, self.high).to(torch.int8)


def channel_grid(weight: Tensor, bits: int = 8) -> Grid:
    """One scale per output channel of ``weight`` [N, K], from its largest value.

    Codes fill ±(2^(bits−1) − 1), so that negation stays inside. A row of zeros has scale 1.
    """
    largest = 2 ** (bits - 1) - 1
    scale = _positive(weight.abs().amax(dim=1).float() / largest)
    step = scale.double()[:, None].expand(weight.shape)
    return Grid(scale, None, weight.shape[1], step, bits, -largest, largest)


def group_grid(weight: Tensor, bits: int = 4, group: int = GROUP, importance: Tensor | None = None) -> Grid:
    """Grid of ``weight`` [N, K] with multipliers: those and the scales of the least squared error, by search.

    The last group may be short. ``importance`` [K] weighs the error of each input, by its mean square, say. A negative
    multiplier puts the lowest code, which has no counterpart, on the positive side.
    """
    n, k = weight.shape
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    n_groups = -(-k // group)
    padded = torch.zeros(n, n_groups * group, dtype=torch.float64)
    padded[:, :k] = weight
    cost = torch.zeros(n_groups * group, dtype=torch.float64)
    cost[:k] = 1.0 if importance is None else importance.double().clamp(min=1e-12)
    groups, cost = padded.view(n, n_groups, group), cost.view(1, n_groups, group)
    finest = weight.abs().amax(dim=1).float() / (-low * MAX_MULTIPLIER)
    best_error = torch.full((n,), torch.inf, dtype=torch.float64)
    best_scale, best_multiplier = torch.ones(n), torch.ones(n, n_groups, dtype=torch.int8)
    for share in _SHARES:
        scale = _positive(finest * share)
        multiplier, error = _best_multipliers(groups, cost, scale, low, high)
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best_scale = torch.where(better, scale, best_scale)
        best_multiplier = torch.where(better[:, None], multiplier, best_multiplier)
    step = best_scale.double()[:, None] * expand_groups(best_multiplier, group, k).double()
    return Grid(best_scale, best_multiplier, group, step, bits, low, high)


def quantize_weight(weight: Tensor, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Integers int8 [N, K] and scales float32 [N] with weight ≈ integers · scales."""
    grid = channel_grid(weight, bits)
    return grid.nearest(weight), grid.scale


def expand_groups(multiplier: Tensor, group: int, k: int) -> Tensor:
    """The multiplier [N, G] of every weight [N, K]."""
    return multiplier.repeat_interleave(group, dim=1)[:, :k]


def pack_codes(codes: Tensor, bits: int) -> Tensor:
    """uint8 [N, ⌈K·bits/8⌉] from codes [N, K]: the bits of a row in order, lowest first; the end is filled with 0."""
    n, k = codes.shape
    in_bits = (codes.to(torch.int16)[:, :, None] >> torch.arange(bits)) & 1
    padded = torch.zeros(n, packed_width(k, bits) * 8, dtype=torch.int16)
    padded[:, : k * bits] = in_bits.reshape(n, -1)
    return (padded.view(n, -1, 8) << torch.arange(8)).sum(2).to(torch.uint8)


def unpack_codes(packed: Tensor, k: int, bits: int) -> Tensor:
    """Codes int8 [N, K] from −2^(bits−1) to 2^(bits−1) − 1, as they were packed."""
    in_bits = (packed.to(torch.int16)[:, :, None] >> torch.arange(8)) & 1
    digits = in_bits.reshape(len(packed), -1)[:, : k * bits].view(len(packed), k, bits)
    unsigned = (digits << torch.arange(bits)).sum(2)
    sign = 1 << (bits - 1)
    return ((unsigned ^ sign) - sign).to(torch.int8)


def packed_width(k: int, bits: int) -> int:
    """Bytes that a row of ``k`` codes takes."""
    return -(-k * bits // 8)


def _best_multipliers(groups: Tensor, cost: Tensor, scale: Tensor, low: int, high: int) -> tuple[Tensor, Tensor]:
    """Multipliers int8 [N, G] of the least error at that scale [N], and the error [N] of each row."""
    n, n_groups, _ = groups.shape
    in_scales = groups / scale.double()[:, None, None]
    best_error = torch.full((n, n_groups), torch.inf, dtype=torch.float64)
    best = torch.ones(n, n_groups, dtype=torch.int8)
    for m in _SIGNED_MULTIPLIERS:
        codes = torch.clamp(torch.round(in_scales / m), low, high)
        error = (cost * (codes * m - in_scales) ** 2).sum(2)
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best[better] = m
    return best, (best_error.sum(1) * scale.double() ** 2)


def _positive(scale: Tensor) -> Tensor:
    return torch.where(scale > 0, scale, torch.ones_like(scale))
