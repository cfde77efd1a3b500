"""What heads come to is held against torch in test_outputs; here, against mathematics at its edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from molq.engine import output_kernels


@pytest.mark.parametrize("x", [-700.0, -50.0, -1.0, 0.0, 1e-9, 3.0, 50.0, 1e30])
def test_a_softplus_is_exact_far_from_zero_too(x: float) -> None:
    expected = math.log1p(math.exp(x)) if x < 30 else x
    assert output_kernels.softplus(np.float32(x)) == pytest.approx(expected, rel=1e-6)
    assert output_kernels.softplus(np.float32(x)) > 0


def test_no_evidence_at_all_is_no_number_and_no_error() -> None:
    z = np.array([[[1.0, -1e6, 0.0, 0.0]], [[1.0, 0.0, -1e6, 0.0]]], np.float32)
    out = np.empty((2, 1, 4))
    output_kernels.evidential(z, np.zeros(1, np.float32), np.ones(1, np.float32), out)
    assert out[:, 0, 0].tolist() == [1.0, 1.0]
    assert np.isnan(out[:, 0, 1:]).all()


def test_probabilities_do_not_overflow() -> None:
    z = np.array([[[1e4, -1e4, 1e4]]], np.float32)
    out = np.empty((1, 1, 3))
    output_kernels.softmax(z, out)
    assert out[0, 0].tolist() == [0.5, 0.0, 0.5]
