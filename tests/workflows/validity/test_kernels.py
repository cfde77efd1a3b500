"""Gathering against plain NumPy."""

from __future__ import annotations

import numpy as np

from molq.workflows.validity.kernels import N_BINS, bin_edges, gather, gather_largest

RNG = np.random.default_rng(0)
X = (RNG.standard_normal((40, 5)) * 10.0 ** RNG.integers(-4, 4, (40, 5))).astype(np.float32)
X[RNG.random((40, 5)) < 0.3] = 0
OWNER = np.sort(RNG.integers(0, 6, 40))


def test_what_is_gathered_is_that_of_each_molecules_rows():
    low, high, counts = np.zeros(6, np.float32), np.zeros(6, np.float32), np.zeros((6, N_BINS), np.uint16)
    excited = np.zeros((6, 5), np.bool_)
    gather(X, X.view(np.int32), OWNER, low, high, counts, excited)
    for molecule in range(6):
        rows = X[molecule == OWNER]
        assert low[molecule] == min(rows.min(initial=0), 0)
        assert high[molecule] == max(rows.max(initial=0), 0)
        assert np.array_equal(excited[molecule], (rows != 0).any(axis=0))
        expected, _ = np.histogram(np.abs(rows[rows != 0]), [0, *bin_edges()[1:-1], np.inf])
        assert np.array_equal(counts[molecule], expected)


def test_the_largest_magnitude_of_every_channel():
    largest = np.zeros((6, 5), np.float32)
    gather_largest(X, OWNER, largest)
    for molecule in range(6):
        assert np.array_equal(largest[molecule], np.abs(X[molecule == OWNER]).max(axis=0, initial=0))


def test_bins_are_eighths_of_an_octave():
    edges = bin_edges()
    assert len(edges) == N_BINS + 1
    assert np.allclose(edges[8:] / edges[:-8], 2)
