"""Observers: a stream of activations in, the range to quantize out, in constant memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from molq.errors import InputError

LEVELS = 255
N_BINS = 8192
_SHARES = tuple(i / 100 for i in range(100, 9, -1))


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
            raise InputError("no activations were seen: the calibration set has no molecule that reaches this layer")
        return self.low, self.high


class Histogram:
    """Counts over equal bins of [−limit, limit]; when a value exceeds the limit, it doubles and bins merge."""

    def __init__(self) -> None:
        self.counts = torch.zeros(N_BINS, dtype=torch.float64)
        self.limit = 2.0**-20

    def update(self, x: Tensor) -> None:
        if not x.numel():
            return
        largest = x.abs().max().item()
        while largest > self.limit:
            merged = self.counts.view(-1, 2).sum(1)
            self.counts.zero_()
            self.counts[N_BINS // 4 : 3 * N_BINS // 4] = merged
            self.limit *= 2
        self.counts += torch.histc(x.float(), N_BINS, -self.limit, self.limit).double()

    @property
    def centres(self) -> Tensor:
        """Middle of every bin [N_BINS], float64."""
        return (torch.arange(N_BINS, dtype=torch.float64) + 0.5) * (2 * self.limit / N_BINS) - self.limit


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
        low, high = self.extremes.range()
        best_low, best_high = low, high
        for _ in range(2):
            best_high = min((share * high for share in _SHARES), key=lambda end: self._error(best_low, end))
            best_low = min((share * low for share in _SHARES), key=lambda end: self._error(end, best_high))
        return best_low, best_high

    def _error(self, low: float, high: float) -> float:
        scale, zero = scale_and_zero(low, high)
        x = self.histogram.centres
        q = torch.clamp(torch.round(x / scale) + zero, 0, LEVELS)
        return float((self.histogram.counts * ((q - zero) * scale - x) ** 2).sum())


OBSERVERS: dict[str, Callable[[], Observer]] = {"minmax": MinMax, "percentile": Percentile, "mse": MSE}


def make_observer(name: str) -> Observer:
    """A fresh observer of that name. Raises InputError when there is none."""
    if name not in OBSERVERS:
        raise InputError(f"unknown observer {name!r}: choose one of {', '.join(OBSERVERS)}")
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
