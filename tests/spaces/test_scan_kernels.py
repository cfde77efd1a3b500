"""The heap of the kernels, and their sums, against NumPy."""

from __future__ import annotations

import numpy as np

from molq.spaces import scan_kernels as kernels


def test_the_highest_are_kept_and_the_first_is_the_lowest_of_them() -> None:
    values, chosen = np.empty(50, np.float32), np.empty((50, 1), np.int32)
    drawn = np.random.default_rng(1).permutation(1000).astype(np.float32)
    n = 0
    for i, value in enumerate(drawn):
        if n < 50 or value > values[0]:
            n = kernels.push(values, chosen, n, value, np.array([i], np.int32))
        assert values[0] == values[:n].min()
    assert sorted(values.tolist()) == list(range(950, 1000))
    assert (drawn[chosen[:, 0]] == values).all()


def test_sums_are_those_of_numpy() -> None:
    chance = np.random.default_rng(2)
    prefix, row, bias, weight = chance.normal(size=(4, 304)).astype(np.float32)
    expected = np.maximum(prefix + row, 0) @ weight
    np.testing.assert_allclose(kernels.rectified(prefix, row, weight), expected, rtol=1e-4)
    share = np.float32(0.2)
    expected = np.maximum((prefix + row) * share + bias, 0) @ weight
    np.testing.assert_allclose(kernels.rectified_mean(prefix, row, bias, share, weight), expected, rtol=1e-4)
    np.testing.assert_allclose(kernels.dot(row, weight), row @ weight, rtol=1e-4)
