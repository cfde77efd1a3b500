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
TILE = 64
"""rows of one float product; with a fixed number, and columns that BLAS likes, a row has the same bits anywhere"""
LANES = 16


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
        self.n, k = weight.shape
        width, self.rows = _shape_of_products(self.n, k, weight.dtype)
        self.operand = torch.zeros(k, width, dtype=weight.dtype)
        self.operand[:, : self.n] = weight.t()
        self.padded_in = torch.zeros(self.rows, k, dtype=weight.dtype)
        self.padded_out = torch.zeros(self.rows, width, dtype=weight.dtype)

    def multiply(self, x: Tensor, out: Tensor) -> None:
        """out [M, N] ← x [M, K] · Wᵀ."""
        for start in range(0, len(x), self.rows):
            rows, products = x[start : start + self.rows], out[start : start + self.rows]
            if len(rows) == self.rows and self.operand.shape[1] == self.n:
                torch.mm(rows, self.operand, out=products)
                continue
            self.padded_in[: len(rows)] = rows
            torch.mm(self.padded_in, self.operand, out=self.padded_out)
            products.copy_(self.padded_out[: len(rows), : self.n])


@cache
def _shape_of_products(n: int, k: int, dtype: torch.dtype) -> tuple[int, int]:
    """Columns and rows of products [rows, k] · [k, columns ≥ n] whose rows have the same bits wherever they stand.

    BLAS may add up the last few columns in another order for some rows of a tile than for others; MKL does with 5 to 11
    columns on AMD's AVX-512. So a shape is tried, then more columns, and single rows where nothing helps.
    """
    x = _numbers(TILE, k).to(dtype)
    for columns in (n, -(-n // LANES) * LANES):
        weight = _numbers(k, columns).to(dtype)
        out = torch.mm(x, weight)
        if all(torch.equal(torch.mm(x.roll(by, 0), weight), out.roll(by, 0)) for by in (1, 2, 4, 8, 16, 32)):
            return columns, TILE
    return n, 1


def _numbers(n: int, m: int) -> Tensor:
    """[n, m] between -1 and 1, always the same."""
    return torch.arange(n * m, dtype=torch.float64).mul(1.7).sin().float().reshape(n, m)


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
