"""Every code of the kernel against NumPy's and SciPy's own formulas in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, log_expit, ndtr

from molq.engine import activation_kernels as codes
from molq.engine.activation_kernels import activate

X = np.concatenate([np.linspace(-12, 12, 97), [-1e30, -100, -1e-7, 0, 1e-7, 100, 1e30]])
SOFTPLUS = np.logaddexp(0, X)
EXPECTED = {
    codes.RELU: ((), np.maximum(X, 0)),
    codes.LEAKY: ((0.25,), np.where(X > 0, X, 0.25 * X)),
    codes.TANH: ((), np.tanh(X)),
    codes.EXPONENTIAL: ((0.5, 2.0), np.where(X > 0, X, 0.5 * np.expm1(2 * np.minimum(X, 0)))),
    codes.GELU: ((), X * ndtr(X)),
    codes.SILU: ((), X * expit(X)),
    codes.MISH: ((), X * np.tanh(SOFTPLUS)),
    codes.SOFTPLUS: ((2.0, 20.0), np.logaddexp(0, 2 * X) / 2),
    codes.SIGMOID: ((), expit(X)),
    codes.LOG_SIGMOID: ((), log_expit(X)),
    codes.HARD_SIGMOID: ((), np.clip(X / 6 + 0.5, 0, 1)),
    codes.HARD_SWISH: ((), X * np.clip(X / 6 + 0.5, 0, 1)),
    codes.CLAMP: ((-1.5, 4.0), np.clip(X, -1.5, 4)),
    codes.HARD_SHRINK: ((0.5,), np.where(np.abs(X) > 0.5, X, 0)),
    codes.SOFT_SHRINK: ((0.5,), np.sign(X) * np.maximum(np.abs(X) - 0.5, 0)),
    codes.TANH_SHRINK: ((), X - np.tanh(X)),
    codes.SOFTSIGN: ((), X / (1 + np.abs(X))),
    codes.THRESHOLD: ((0.5, -3.0), np.where(X > 0.5, X, -3)),
    codes.IDENTITY: ((), X),
}


@pytest.mark.parametrize("code", EXPECTED)
def test_every_code_gives_its_formula(code: int) -> None:
    numbers, expected = EXPECTED[code]
    row = X.astype(np.float32)
    activate(row, code, np.array(numbers, np.float32))
    assert np.isfinite(row).all()
    np.testing.assert_allclose(row, expected, rtol=1e-5, atol=5e-7)


def test_slopes_are_those_of_the_channels() -> None:
    row = np.array([-1, -1, 2, -3], np.float32)
    activate(row, codes.LEAKY_PER_CHANNEL, np.array([1, 2, 3, 4], np.float32))
    assert row.tolist() == [-1, -2, 2, -12]


@pytest.mark.parametrize("code", [*EXPECTED, codes.SELU, codes.GELU_TANH])
def test_what_is_not_a_number_stays_none_and_neighbours_do_not_matter(code: int) -> None:
    """Several channels are computed at once; a row has the same bits wherever its channels stand."""
    numbers = np.array([1, 20], np.float32)
    x = np.random.default_rng(0).normal(0, 5, 37).astype(np.float32)
    together, with_none = x.copy(), x.copy()
    with_none[7] = np.nan
    activate(together, code, numbers)
    activate(with_none, code, numbers)
    assert np.isnan(with_none[7])
    assert np.array_equal(np.delete(with_none, 7), np.delete(together, 7))
    for i in range(len(x)):
        alone = x[i : i + 1].copy()
        activate(alone, code, numbers)
        assert alone[0] == together[i]
