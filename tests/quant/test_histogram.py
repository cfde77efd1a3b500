from __future__ import annotations

import numpy as np
import torch

from molq.quant.histogram import N_BINS, Histogram


def test_counts_are_numpys() -> None:
    x = np.random.default_rng(0).normal(0, 3, 10_000).astype(np.float32)
    histogram = Histogram()
    histogram.update(torch.from_numpy(x))
    limit = histogram.limit
    assert limit / 2 < np.abs(x).max() <= limit
    expected, edges = np.histogram(x, N_BINS, (-limit, limit))
    np.testing.assert_allclose(histogram.centres.numpy(), (edges[:-1] + edges[1:]) / 2)
    # a value on the edge of two bins may be counted in either
    assert np.abs(np.cumsum(expected) - histogram.counts.cumsum(0).numpy()).max() <= 2


def test_bins_merge_in_pairs_when_values_grow() -> None:
    """A stream that grows a thousandfold is counted as if its range had been known."""
    rng = np.random.default_rng(1)
    parts = [rng.normal(0, 10.0**power, 500).astype(np.float32) for power in range(-3, 1)]
    grown, known = Histogram(), Histogram()
    for part in parts:
        grown.update(torch.from_numpy(part))
    known.update(torch.from_numpy(np.concatenate(parts[::-1])))
    assert grown.limit == known.limit
    assert grown.counts.sum() == known.counts.sum() == 2000
    assert (grown.counts.cumsum(0) - known.counts.cumsum(0)).abs().max() <= 2


def test_memory_is_constant_and_nothing_is_lost() -> None:
    histogram, n = Histogram(), 0
    size = histogram.counts.numel()
    for power in range(-30, 30):
        histogram.update(torch.full((10,), 2.0**power))
        n += 10
    assert histogram.counts.numel() == size == N_BINS
    assert histogram.counts.sum() == n
    assert histogram.limit == 2.0**29


def test_no_values_change_nothing() -> None:
    histogram = Histogram()
    histogram.update(torch.empty(0, 7))
    assert histogram.counts.sum() == 0
    assert histogram.limit == 2.0**-20


def test_zeros_stand_in_the_middle() -> None:
    histogram = Histogram()
    histogram.update(torch.tensor([0.0, 0.0, 1.0]))
    assert histogram.counts[N_BINS // 2] == 2
