"""Weight quantization: integers, where they may lie, and how 4-bit codes are packed.

8-bit weights have one scale per output channel. 4-bit weights have, in addition, one small integer per group of
inputs: weight ≈ scale[row] · multiplier[row, group] · code, with codes from −8 to 7. The product multiplier · code fits
8 bits, so a group-wise layer runs on the int8 kernel, and its sums are exact integers whatever their order.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

GROUP = 20
MAX_MULTIPLIER = 15
LOW_CODE, HIGH_CODE = -8, 7
_SIGNED_MULTIPLIERS = [m for m in range(-MAX_MULTIPLIER, MAX_MULTIPLIER + 1) if m]
_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8)


class Grid(NamedTuple):
    """Where quantized weights [N, K] may lie: at step · code, for whole codes from ``low`` to ``high``."""

    scale: Tensor
    """float32 [N]"""
    multiplier: Tensor | None
    """int8 [N, G] of 4-bit weights"""
    group: int
    """inputs that share a multiplier"""
    step: Tensor
    """float64 [N, K]"""
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
    return Grid(scale, None, weight.shape[1], step, -largest, largest)


def group_grid(weight: Tensor, group: int = GROUP, importance: Tensor | None = None) -> Grid:
    """4-bit grid of ``weight`` [N, K]: scales and multipliers of the least squared error, by search.

    The last group may be short. ``importance`` [K] weighs the error of each input, by its mean square, say. A negative
    multiplier puts the code −8 on the positive side.
    """
    n, k = weight.shape
    n_groups = -(-k // group)
    padded = torch.zeros(n, n_groups * group, dtype=torch.float64)
    padded[:, :k] = weight
    cost = torch.zeros(n_groups * group, dtype=torch.float64)
    cost[:k] = 1.0 if importance is None else importance.double().clamp(min=1e-12)
    groups, cost = padded.view(n, n_groups, group), cost.view(1, n_groups, group)
    finest = weight.abs().amax(dim=1).float() / (-LOW_CODE * MAX_MULTIPLIER)
    best_error = torch.full((n,), torch.inf, dtype=torch.float64)
    best_scale, best_multiplier = torch.ones(n), torch.ones(n, n_groups, dtype=torch.int8)
    for share in _SHARES:
        scale = _positive(finest * share)
        multiplier, error = _best_multipliers(groups, cost, scale)
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best_scale = torch.where(better, scale, best_scale)
        best_multiplier = torch.where(better[:, None], multiplier, best_multiplier)
    step = best_scale.double()[:, None] * expand_groups(best_multiplier, group, k).double()
    return Grid(best_scale, best_multiplier, group, step, LOW_CODE, HIGH_CODE)


def quantize_weight(weight: Tensor, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Integers int8 [N, K] and scales float32 [N] with weight ≈ integers · scales."""
    grid = channel_grid(weight, bits)
    return grid.nearest(weight), grid.scale


def expand_groups(multiplier: Tensor, group: int, k: int) -> Tensor:
    """The multiplier [N, G] of every weight [N, K]."""
    return multiplier.repeat_interleave(group, dim=1)[:, :k]


def pack_codes(codes: Tensor) -> Tensor:
    """uint8 [N, ⌈K/2⌉] from codes [N, K] of 4 bits, the even column in the low half; an odd end is filled with 0."""
    nibbles = (codes.to(torch.int16) & 0xF).to(torch.uint8)
    if nibbles.shape[1] % 2:
        nibbles = torch.cat([nibbles, nibbles.new_zeros(len(nibbles), 1)], dim=1)
    return nibbles[:, ::2] | (nibbles[:, 1::2] << 4)


def unpack_codes(packed: Tensor, k: int) -> Tensor:
    """Codes int8 [N, K] from −8 to 7, as they were packed."""
    nibbles = torch.stack([packed & 0xF, packed >> 4], dim=2).reshape(len(packed), -1)[:, :k]
    return ((nibbles ^ 8).to(torch.int16) - 8).to(torch.int8)


def _best_multipliers(groups: Tensor, cost: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Multipliers int8 [N, G] of the least error at that scale [N], and the error [N] of each row."""
    n, n_groups, _ = groups.shape
    in_scales = groups / scale.double()[:, None, None]
    best_error = torch.full((n, n_groups), torch.inf, dtype=torch.float64)
    best = torch.ones(n, n_groups, dtype=torch.int8)
    for m in _SIGNED_MULTIPLIERS:
        codes = torch.clamp(torch.round(in_scales / m), LOW_CODE, HIGH_CODE)
        error = (cost * (codes * m - in_scales) ** 2).sum(2)
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best[better] = m
    return best, (best_error.sum(1) * scale.double() ** 2)


def _positive(scale: Tensor) -> Tensor:
    return torch.where(scale > 0, scale, torch.ones_like(scale))
