"""Weight quantization: symmetric integers with one scale per output channel."""

from __future__ import annotations

import torch
from torch import Tensor


def quantize_weight(weight: Tensor, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Integers int8 [N, K] and scales float32 [N] with weight ≈ integers · scales.

    The integers fill ±(2^(bits−1) − 1), so that negation stays inside. A row of zeros has scale 1.
    """
    largest = 2 ** (bits - 1) - 1
    scale = weight.abs().amax(dim=1).float() / largest
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    integers = torch.clamp(torch.round(weight.double() / scale.double()[:, None]), -largest, largest)
    return integers.to(torch.int8), scale
