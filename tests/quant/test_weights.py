from __future__ import annotations

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
def test_packing_loses_nothing(k: int) -> None:
    codes = torch.randint(-8, 8, (5, k), dtype=torch.int8)
    codes[0], codes[1] = -8, 7
    packed = pack_codes(codes)
    assert packed.shape == (5, (k + 1) // 2)
    assert torch.equal(unpack_codes(packed, k), codes)
    for i, row in enumerate(packed.tolist()):
        nibbles = [half for byte in row for half in (byte & 15, byte >> 4)][:k]
        assert [n - 16 if n > 7 else n for n in nibbles] == codes[i].tolist()


@pytest.mark.parametrize("k", [1, 14, 300])
def test_groups_fit_8_bits_and_err_less_than_a_scale_per_channel(k: int) -> None:
    torch.manual_seed(0)
    weight = torch.randn(40, k)
    weight[3] = 0
    grid = group_grid(weight)
    codes = grid.nearest(weight)
    assert grid.multiplier is not None
    integers = codes.numpy().astype(int) * np.repeat(grid.multiplier.numpy().astype(int), grid.group, axis=1)[:, :k]
    assert np.abs(integers).max() <= 127
    assert (codes >= -8).all()
    assert (codes <= 7).all()
    made = integers * grid.scale.numpy()[:, None]
    whole, scale = quantize_weight(weight, 4)
    error = ((made - weight.numpy()) ** 2).sum(1)
    channel_error = ((whole * scale[:, None] - weight) ** 2).sum(1).numpy()
    assert error[3] == 0
    assert error.sum() < {1: 1e-4, 14: 0.95, 300: 0.5}[k] * max(channel_error.sum(), 1)


def test_importance_moves_the_error_to_where_it_costs_little() -> None:
    weight = torch.randn(20, 40, generator=torch.Generator().manual_seed(1))
    importance = torch.full((40,), 1e-3)
    importance[::4] = 1.0
    errors = [
        (g.nearest(weight) * g.step - weight).square()
        for g in (group_grid(weight, importance=importance), group_grid(weight))
    ]
    assert (errors[0] * importance).sum() < 0.8 * (errors[1] * importance).sum()
