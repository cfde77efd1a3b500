"""The matmul adapter: exact integer products, and float products whose rows do not depend on their neighbours.

``torch._int_mm`` runs oneDNN's int8 kernels. Without VNNI instructions these saturate silently, so the adapter proves
itself on extreme integers before first use, and otherwise multiplies integers in float32 blocks small enough to be
exact.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

EXACT_K = 512  # 512·255·127 < 2^24: every partial sum is a float32 integer
TILE = 64  # rows of one float product; a fixed number gives a row the same bits wherever it stands


class IntWeight:
    """An int8 weight [N, K] made ready for products with uint8 rows."""

    def __init__(self, weight: Tensor) -> None:
        self.n, self.k = weight.shape
        self.native = integer_kernel_is_exact()
        self.operand = weight.t() if self.native else weight.t().float()

    def multiply(self, q: Tensor, out: Tensor) -> None:
        """out int32 [M, N] ← q uint8 [M, K] · Wᵀ, exactly."""
        if self.native:
            torch._int_mm(q, self.operand, out=out)
            return
        out.zero_()
        for start in range(0, self.k, EXACT_K):
            block = slice(start, start + EXACT_K)
            out += (q[:, block].float() @ self.operand[block]).to(torch.int32)


class FloatWeight:
    """A float weight [N, K] made ready for products in its own precision, tile by tile of rows."""

    def __init__(self, weight: Tensor) -> None:
        self.operand = weight.t().contiguous()
        self.padded_in = torch.zeros(TILE, weight.shape[1], dtype=weight.dtype)
        self.padded_out = torch.zeros(TILE, weight.shape[0], dtype=weight.dtype)

    def multiply(self, x: Tensor, out: Tensor) -> None:
        """out [M, N] ← x [M, K] · Wᵀ."""
        whole = len(x) - len(x) % TILE
        for start in range(0, whole, TILE):
            torch.mm(x[start : start + TILE], self.operand, out=out[start : start + TILE])
        if rest := len(x) - whole:
            self.padded_in[:rest] = x[whole:]
            torch.mm(self.padded_in, self.operand, out=self.padded_out)
            out[whole:] = self.padded_out[:rest]


@cache
def integer_kernel_is_exact() -> bool:
    """Whether the int8 kernel of this CPU gives exact sums for extreme integers at several shapes."""
    return all(_agrees(m, k, n) for m, k, n in ((1, 300, 300), (17, 300, 31), (64, 512, 64), (256, 2048, 16)))


def _agrees(m: int, k: int, n: int) -> bool:
    q = torch.full((m, k), 255, dtype=torch.uint8)
    q[:, 1::3] = 254
    w = torch.full((n, k), 127, dtype=torch.int8)
    w[1::2] = -127
    w[2::4, ::2] = -127
    out = torch.empty(m, n, dtype=torch.int32)
    try:
        torch._int_mm(q, w.t(), out=out)
    except RuntimeError:
        return False
    return torch.equal(out.double(), q.double() @ w.double().t())
