"""Observers: a stream of activations in, the range to quantize out, in constant memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from molq.errors import InputError
from molq.quant.histogram import N_BINS, Histogram

LEVELS = 255
_SHARES = tuple(i / 100 for i in range(100, 9, -1))
_NOTHING_SEEN = "no activations were seen: the calibration set has no molecule that reaches it; add larger ones"


class Observer(Protocol):
    """Sees activations of one call site in any number of batches, then names their range."""

    def update(self, x: Tensor) -> None:
        """Take in a batch of activations of any shape."""
        ...

    def range(self) -> tuple[float, float]:
        """(low, high) to quantize. Raises InputError when nothing was seen."""
        ...


class MinMax:
    """The smallest and the largest value seen."""

    def __init__(self) -> None:
        self.low, self.high = float("inf"), float("-inf")

    def update(self, x: Tensor) -> None:
        if x.numel():
            low, high = torch.aminmax(x)
            self.low, self.high = min(self.low, low.item()), max(self.high, high.item())

    def range(self) -> tuple[float, float]:
        if self.low > self.high:
            raise InputError(_NOTHING_SEEN)
        return self.low, self.high


class Headroom:
    """The smallest and the largest value seen, with half as much again beyond, for molecules unlike those seen.

    Coarser codes cost little, and a lot less than the values that a small or lopsided set did not show and that are
    clipped: sums over atoms, above all, of molecules larger than any in the set.
    """

    def __init__(self, factor: float = 1.5) -> None:
        self.factor = factor
        self.extremes = MinMax()

    def update(self, x: Tensor) -> None:
        self.extremes.update(x)

    def range(self) -> tuple[float, float]:
        low, high = self.extremes.range()
        return low * self.factor if low < 0 else low, high * self.factor if high > 0 else high


class MovingAverage:
    """The average of the ranges of batches, recent ones counting more. It depends on how molecules are batched."""

    def __init__(self, momentum: float = 0.9) -> None:
        self.momentum = momentum
        self._range: tuple[float, float] | None = None

    def update(self, x: Tensor) -> None:
        if not x.numel():
            return
        low, high = (end.item() for end in torch.aminmax(x))
        if self._range is not None:
            new = 1 - self.momentum
            low, high = (old + new * (end - old) for old, end in zip(self._range, (low, high), strict=True))
        self._range = low, high

    def range(self) -> tuple[float, float]:
        if self._range is None:
            raise InputError(_NOTHING_SEEN)
        return self._range


class Percentile:
    """The central ``percentile`` percent of the values seen, the rest shared between both tails."""

    def __init__(self, percentile: float = 99.99) -> None:
        self.percentile = percentile
        self.extremes, self.histogram = MinMax(), Histogram()

    def update(self, x: Tensor) -> None:
        self.extremes.update(x)
        self.histogram.update(x)

    def range(self) -> tuple[float, float]:
        low, high = self.extremes.range()
        share = self.histogram.counts.cumsum(0) / self.histogram.counts.sum()
        tail = (1 - self.percentile / 100) / 2
        centres = self.histogram.centres
        below = centres[int(torch.searchsorted(share, tail))].item()
        above = centres[min(int(torch.searchsorted(share, 1 - tail)), N_BINS - 1)].item()
        return max(low, below), min(high, above)


class MSE:
    """The range whose quantization has the least mean squared error: both ends drawn in, one after the other, twice."""

    def __init__(self) -> None:
        self.extremes, self.histogram = MinMax(), Histogram()

    def update(self, x: Tensor) -> None:
        self.extremes.update(x)
        self.histogram.update(x)

    def range(self) -> tuple[float, float]:
        return _drawn_in(*self.extremes.range(), self._error)

    def _error(self, low: float, high: float) -> float:
        scale, zero = scale_and_zero(low, high)
        x = self.histogram.centres
        q = torch.clamp(torch.round(x / scale) + zero, 0, LEVELS)
        return float((self.histogram.counts * ((q - zero) * scale - x) ** 2).sum())


class Entropy:
    """The range whose codes tell least apart from what was seen: the least Kullback–Leibler divergence.

    Both ends are drawn in as by MSE. What lies beyond is counted at the ends of the distribution seen, but not in that
    of the codes. Zeros, which a ReLU makes in heaps and codes hold exactly, are left out.

    Source: Migacz, 8-bit Inference with TensorRT, GTC 2017.
    """

    def __init__(self) -> None:
        self.extremes, self.histogram = MinMax(), Histogram()

    def update(self, x: Tensor) -> None:
        self.extremes.update(x)
        self.histogram.update(x)

    def range(self) -> tuple[float, float]:
        return _drawn_in(*self.extremes.range(), self._divergence)

    def _divergence(self, low: float, high: float) -> float:
        scale, zero = scale_and_zero(low, high)
        counts, x = self.histogram.counts.clone(), self.histogram.centres
        counts[N_BINS // 2] = 0
        code = torch.round(x / scale) + zero
        inside = (code >= 0) & (code <= LEVELS)
        code = torch.clamp(code, 0, LEVELS).long()
        kept = torch.where(inside, counts, 0.0)
        seen = kept.clone()
        ends = torch.nonzero(inside).flatten()
        if not kept.sum():
            return float("inf") if counts.sum() else 0.0
        seen[ends[0]] += counts[: ends[0]].sum()
        seen[ends[-1]] += counts[ends[-1] + 1 :].sum()
        filled = (seen > 0).double()
        in_code = torch.zeros(LEVELS + 1, dtype=torch.float64)
        mass, bins = in_code.index_add(0, code, kept), in_code.index_add(0, code, filled)
        coded = (mass / bins.clamp(min=1))[code] * filled
        p, q = seen / seen.sum(), coded / coded.sum()
        held = p > 0
        return float((p[held] * (p[held] / q[held].clamp(min=1e-12)).log()).sum())


def _drawn_in(low: float, high: float, loss: Callable[[float, float], float]) -> tuple[float, float]:
    """The range inside [low, high] of the least loss, one end after the other, twice."""
    best_low, best_high = low, high
    for _ in range(2):
        best_high = min((share * high for share in _SHARES), key=lambda end: loss(best_low, end))
        best_low = min((share * low for share in _SHARES), key=lambda end: loss(end, best_high)) if low else low
    return best_low, best_high


OBSERVERS: dict[str, Callable[[], Observer]] = {
    "minmax": MinMax,
    "headroom": Headroom,
    "moving-average": MovingAverage,
    "percentile": Percentile,
    "mse": MSE,
    "entropy": Entropy,
}
AUTO = "auto"
"""not an observer: the best one per call site (molq.quant.ranges)"""


def check_observer(name: str) -> None:
    """Raises InputError unless ``name`` is an observer or ``auto``."""
    if name != AUTO:
        make_observer(name)


def make_observer(name: str) -> Observer:
    """A fresh observer of that name. Raises InputError when there is none."""
    if name not in OBSERVERS:
        raise InputError(f"unknown observer {name!r}: choose one of {', '.join(OBSERVERS)} or {AUTO}")
    return OBSERVERS[name]()


def scale_and_zero(low: float, high: float) -> tuple[float, int]:
    """Scale and zero point of unsigned 8-bit codes over [low, high], widened to hold 0 exactly.

    A range of nothing but zeros has scale 1. The scale is rounded to float32 here, so that every backend has the same.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(torch.tensor((high - low) / LEVELS, dtype=torch.float32)) or 1.0
    return scale, min(max(round(-low / scale), 0), LEVELS)


def fake_quantize(x: Tensor, low: float, high: float) -> Tensor:
    """What the 8-bit codes of ``x`` over [low, high] stand for."""
    scale, zero = scale_and_zero(low, high)
    return (torch.clamp(torch.round(x / scale) + zero, 0, LEVELS) - zero) * scale
