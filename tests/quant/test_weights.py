from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from molq.quant.weights import group_grid, pack_codes, quantize_weight, unpack_codes


@pytest.mark.parametrize("bits", [8, 4])
def test_equals_numpy_and_errs_by_half_a_step(bits: int) -> None:
    weight = torch.randn(7, 50)
    q, scale = quantize_weight(weight, bits)
    largest = 2 ** (bits - 1) - 1
    expected = np.rint(weight.double().numpy() / scale.double().numpy()[:, None])
    assert np.array_equal(q.numpy(), expected)
    assert q.abs().max() == largest
    assert ((q * scale[:, None] - weight).abs() <= 0.5001 * scale[:, None]).all()


def test_a_row_of_zeros_stays_zero() -> None:
    q, scale = quantize_weight(torch.zeros(2, 3))
    assert (q == 0).all()
    assert (scale == 1).all()


@pytest.mark.parametrize("k", [1, 2, 7, 16])
@pytest.mark.parametrize("bits", [4, 3, 2])
def test_packing_loses_nothing(bits: int, k: int) -> None:
    half = 2 ** (bits - 1)
    codes = torch.randint(-half, half, (5, k), dtype=torch.int8)
    codes[0], codes[1] = -half, half - 1
    packed = pack_codes(codes, bits)
    assert packed.shape == (5, math.ceil(k * bits / 8))
    assert torch.equal(unpack_codes(packed, k, bits), codes)
    for i, row in enumerate(packed.tolist()):
        whole = int.from_bytes(bytes(row), "little")
        digits = [whole >> bits * j & (2 * half - 1) for j in range(k)]
        assert [d - 2 * half if d >= half else d for d in digits] == codes[i].tolist()
        assert whole >> bits * k == 0


@pytest.mark.parametrize("bits", [4, 3, 2])
@pytest.mark.parametrize("k", [1, 14, 300])
def test_groups_fit_8_bits_and_err_less_than_a_scale_per_channel(k: int, bits: int) -> None:
    torch.manual_seed(0)
    weight = torch.randn(40, k)
    weight[3] = 0
    grid = group_grid(weight, bits)
    codes = grid.nearest(weight)
    assert grid.multiplier is not None
    integers = codes.numpy().astype(int) * np.repeat(grid.multiplier.numpy().astype(int), grid.group, axis=1)[:, :k]
    assert np.abs(integers).max() <= 127
    assert (codes >= -(2 ** (bits - 1))).all()
    assert (codes < 2 ** (bits - 1)).all()
    made = integers * grid.scale.numpy()[:, None]
    whole, scale = quantize_weight(weight, bits)
    error = ((made - weight.numpy()) ** 2).sum(1)
    channel_error = ((whole * scale[:, None] - weight) ** 2).sum(1).numpy()
    assert error[3] == 0
    assert error.sum() < {1: 1e-4, 14: 0.95, 300: 0.5}[k] * max(channel_error.sum(), 1)


def test_a_bit_less_errs_more() -> None:
    weight = torch.randn(20, 300, generator=torch.Generator().manual_seed(0))
    errors = [(g.nearest(weight) * g.step - weight).square().mean() for g in (group_grid(weight, b) for b in (4, 3, 2))]
    assert errors[0] < 0.3 * errors[1] < 0.1 * errors[2] < 0.015


def test_importance_moves_the_error_to_where_it_costs_little() -> None:
    weight = torch.randn(20, 40, generator=torch.Generator().manual_seed(1))
    importance = torch.full((40,), 1e-3)
    importance[::4] = 1.0
    errors = [
        (g.nearest(weight) * g.step - weight).square()
        for g in (group_grid(weight, importance=importance), group_grid(weight))
    ]
    assert (errors[0] * importance).sum() < 0.8 * (errors[1] * importance).sum()
