"""What flows into a layer, per molecule, against NumPy."""

from __future__ import annotations

import numpy as np

from molq.workflows.validity.kernels import MOST, N_BINS, bin_edges, gather, gather_largest


def rows(seed: int = 0, m: int = 300, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Rows of magnitudes from 1e-9 to 1e9 of both signs, a third of them zeros, and the molecule of each."""
    rng = np.random.default_rng(seed)
    x = rng.choice([-1, 0, 1], (m, k)) * 10 ** rng.uniform(-9, 9, (m, k))
    return x.astype(np.float32), np.sort(rng.integers(0, 4, m)).astype(np.int32)


def empty(n: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros((n, N_BINS), np.uint16), np.zeros((n, k), bool)


def test_every_molecule_gathers_its_own_rows() -> None:
    x, owner = rows()
    low, high, counts, excited = empty(5, 5)  # the last owns no row
    for part in (slice(0, 120), slice(120, 300)):
        gather(x[part], x[part].view(np.int32), owner[part], low, high, counts, excited)
    edges = bin_edges()
    inner = [-np.inf, *edges[1:-1], np.inf]
    for molecule in range(5):
        own = x[owner == molecule]
        values = own[own != 0].astype(np.float64)
        expected, _ = np.histogram(np.abs(values), inner)
        assert np.array_equal(counts[molecule], expected)
        assert low[molecule] == min(own.min(initial=0), 0)
        assert high[molecule] == max(own.max(initial=0), 0)
        assert np.array_equal(excited[molecule], (own != 0).any(0))


def test_counts_stop_before_they_overflow() -> None:
    x = np.ones((MOST + 10, 1), np.float32)
    low, high, counts, excited = empty(1, 1)
    gather(x, x.view(np.int32), np.zeros(len(x), np.int32), low, high, counts, excited)
    assert counts.max() == counts.sum() == MOST


def test_the_largest_magnitude_stands_per_channel() -> None:
    x, owner = rows(1)
    largest = np.zeros((4, 5), np.float32)
    largest[2, 3] = 1e12  # from before
    gather_largest(x, owner, largest)
    expected = np.stack([np.abs(x[owner == molecule]).max(0) for molecule in range(4)])
    expected[2, 3] = 1e12
    assert np.array_equal(largest, expected)


def test_bins_are_eight_to_the_octave() -> None:
    edges = bin_edges()
    assert len(edges) == N_BINS + 1
    assert edges[0] == 2.0**-16
    assert np.array_equal(edges[8:] / edges[:-8], np.full(N_BINS - 7, 2.0))
    np.testing.assert_allclose(np.diff(edges[:9]), edges[0] / 8)
