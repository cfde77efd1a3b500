from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from molq.errors import InputError
from molq.quant.histogram import N_BINS
from molq.quant.observers import (
    MSE,
    OBSERVERS,
    Entropy,
    Headroom,
    MinMax,
    MovingAverage,
    Percentile,
    check_observer,
    fake_quantize,
    make_observer,
    scale_and_zero,
)


@pytest.mark.parametrize("name", sorted(set(OBSERVERS) - {"moving-average"}))
def test_one_batch_equals_many(name: str) -> None:
    x = torch.from_numpy(np.random.default_rng(0).gamma(2.0, 1.0, 20_000).astype(np.float32))
    whole, parts = make_observer(name), make_observer(name)
    whole.update(x)
    for part in x.split(777):
        parts.update(part)
    low, high = whole.range()
    assert parts.range() == pytest.approx((low, high), rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("name", sorted(OBSERVERS))
def test_nothing_seen_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="no activations"):
        make_observer(name).range()


def test_minmax_is_numpys() -> None:
    x = torch.randn(1000)
    observer = MinMax()
    observer.update(x)
    assert observer.range() == (x.numpy().min(), x.numpy().max())


def test_headroom_is_half_as_much_again_beyond_what_was_seen() -> None:
    for values, expected in (([-2.0, 0.5, 4.0], (-3.0, 6.0)), ([1.0, 2.0], (1.0, 3.0)), ([-2.0, -1.0], (-3.0, -1.0))):
        observer = Headroom()
        for value in values:
            observer.update(torch.tensor([value]))
        assert observer.range() == expected


def test_percentile_leaves_the_tails_out() -> None:
    x = torch.from_numpy(np.random.default_rng(1).normal(size=100_000).astype(np.float32))
    observer = Percentile(99.0)
    observer.update(x)
    assert observer.range() == pytest.approx(tuple(np.percentile(x.numpy(), [0.5, 99.5])), abs=0.01)


def test_mse_clips_a_lone_outlier_and_beats_minmax() -> None:
    x = torch.from_numpy(np.random.default_rng(2).normal(size=500_000).astype(np.float32))
    x[0] = 15.0
    errors = {}
    for observer in (MSE(), MinMax()):
        observer.update(x)
        scale, zero = scale_and_zero(*observer.range())
        q = torch.clamp(torch.round(x / scale) + zero, 0, 255)
        errors[type(observer)] = float(((q - zero) * scale - x).pow(2).mean())
    assert errors[MSE] < 0.8 * errors[MinMax]


@pytest.mark.parametrize(("low", "high"), [(0.0, 5.0), (-1.0, 3.0), (2.0, 4.0), (-3.0, -1.0), (0.0, 0.0)])
def test_zero_is_exact_and_the_range_is_held(low: float, high: float) -> None:
    scale, zero = scale_and_zero(low, high)
    assert 0 <= zero <= 255
    assert (0 - zero) * scale <= min(low, 0) + scale
    assert (255 - zero) * scale >= max(high, 0) - scale


@pytest.mark.parametrize("name", sorted(set(OBSERVERS) - {"headroom"}))
def test_no_range_goes_beyond_what_was_seen(name: str) -> None:
    rng = np.random.default_rng(3)
    for values in (rng.normal(size=5000), rng.exponential(size=5000), -rng.exponential(size=5000), np.zeros(10)):
        x = torch.from_numpy(values.astype(np.float32))
        observer = make_observer(name)
        observer.update(x)
        low, high = observer.range()
        assert min(x.min().item(), 0) - 1e-6 <= low <= high + 1e-6
        assert high <= max(x.max().item(), 0) + 1e-6


def test_moving_average_is_the_recurrence() -> None:
    observer, high = MovingAverage(0.75), 0.0
    for i, end in enumerate([4.0, 8.0, 2.0]):
        observer.update(torch.tensor([-end / 2, 1.0, end]))
        observer.update(torch.empty(0))
        high = end if i == 0 else 0.75 * high + 0.25 * end
        assert observer.range() == pytest.approx((-high / 2, high))


def test_entropy_clips_a_lone_outlier_and_not_a_flat_distribution() -> None:
    rng = np.random.default_rng(4)
    normal, flat = Entropy(), Entropy()
    normal.update(torch.from_numpy(np.append(rng.normal(size=200_000), 40.0).astype(np.float32)))
    flat.update(torch.from_numpy(rng.uniform(-1, 1, 200_000).astype(np.float32)))
    assert 2 < normal.range()[1] < 20
    assert flat.range()[1] > 0.97


def test_entropy_does_not_mind_heaps_of_zeros() -> None:
    x = np.random.default_rng(5).uniform(0, 1, 100_000).astype(np.float32)
    x[::2] = 0
    observer = Entropy()
    observer.update(torch.from_numpy(x))
    assert observer.range()[1] > 0.9


def test_fake_quantization_is_the_codes_of_the_layers() -> None:
    x = torch.randn(100, 7)
    scale, zero = scale_and_zero(-1.0, 2.0)
    q = np.clip(np.rint(x.numpy() / np.float32(scale)) + zero, 0, 255)
    np.testing.assert_allclose(fake_quantize(x, -1.0, 2.0).numpy(), (q - zero) * scale, atol=1e-6)


def test_unknown_observer_is_named() -> None:
    with pytest.raises(InputError, match="nonsense"):
        make_observer("nonsense")
    with pytest.raises(InputError, match="nonsense"):
        check_observer("nonsense")
    check_observer("auto")


@pytest.mark.parametrize(("low", "high"), [(-1.5, 4.0), (0.0, 2.5), (-0.4, 0.3), (-9.0, 9.0)])
def test_the_divergence_is_scipys(low: float, high: float) -> None:
    """Of what was seen, with both tails at its ends, from the codes spread over the bins they stand for."""
    observer = Entropy()
    observer.update(torch.from_numpy(np.random.default_rng(6).gamma(2.0, 1.0, 5000).astype(np.float32) - 1.5))
    counts, x = observer.histogram.counts.numpy().copy(), observer.histogram.centres.numpy()
    counts[N_BINS // 2] = 0
    scale, zero = scale_and_zero(low, high)
    code = np.rint(x / scale).astype(int) + zero
    inside = np.flatnonzero((code >= 0) & (code <= 255))
    first, last = inside[0], inside[-1]
    seen = counts[first : last + 1].copy()
    coded = np.zeros_like(seen)
    seen[0] += counts[:first].sum()
    seen[-1] += counts[last + 1 :].sum()
    for one in range(256):
        bins = np.flatnonzero((code[first : last + 1] == one) & (seen > 0))
        mass = counts[first : last + 1][code[first : last + 1] == one].sum()
        coded[bins] = mass / max(len(bins), 1)
    expected = scipy.stats.entropy(seen, np.clip(coded / coded.sum(), 1e-12, None) * coded.sum())
    assert observer._divergence(low, high) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("kind", [MSE, Entropy])
def test_neither_end_is_better_drawn_in_alone(kind: type[MSE] | type[Entropy]) -> None:
    observer = kind()
    x = np.random.default_rng(7).standard_t(3, 50_000).astype(np.float32)
    observer.update(torch.from_numpy(x))
    loss = observer._error if isinstance(observer, MSE) else observer._divergence
    (low, high), (lowest, highest) = observer.range(), observer.extremes.range()
    assert lowest < low < high < highest
    least = loss(low, high)
    for share in np.arange(0.1, 1.01, 0.1):
        assert loss(low, highest * share) >= least
        assert loss(lowest * share, high) >= least
