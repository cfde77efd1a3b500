from __future__ import annotations

import numpy as np
import pytest
import torch

from molq.quant.weights import quantize_weight


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
