"""How well the activation ranges calibrated on a set serve a library, as statistics that ``calibset`` judges."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from molq.calibset.statistics import Statistic
from molq.chem.packed import PackedGraphs
from molq.progress import SILENT, Progress
from molq.quant.histogram import Histogram
from molq.quant.observers import LEVELS, fake_quantize, scale_and_zero
from molq.workflows.validity.kernels import bin_edges
from molq.workflows.validity.profile import ModelSite, Profiler, SetProfile

GROUP = "activations"
QUANTILE = 0.999
_MOST_DB = 100.0
_MOST_RATIO = 1000.0


class SiteCoverage(NamedTuple):
    """How the range of one call site, calibrated on a set, serves the activations of the library."""

    beyond_range: float
    """share of the library's activations other than 0 that lie beyond the range"""
    quantile_ratio: float
    """the library's QUANTILE of magnitudes over the set's, molecules of the set left out of the library"""
    sqnr: float
    """signal to noise of the library's activations in the codes of the range, in decibels"""
    silent_channels: float
    """share of channels that are always 0 in the set although the library excites them"""


def site_statistics(site: ModelSite) -> tuple[Statistic, ...]:
    """One statistic for each field of SiteCoverage."""

    def named(kind: str, label: str, larger_is_worse: bool, least: float, unit: str, floor: float | None) -> Statistic:
        text = f"{label} at {site.label}"
        return Statistic(f"{kind}@{site.label}", text, larger_is_worse, least, GROUP, unit, kind, floor)

    return (
        named("beyond_range", "library activations beyond the range calibrated on the set", True, 0.1, "%", 1e-4),
        named("quantile_ratio", f"{QUANTILE:.1%} quantile of the library over the set's", True, 0.01, "", 1e-3),
        named("sqnr", "signal to noise of library activations in the set's codes", False, 0.2, "dB", None),
        named("silent_channels", "channels that the library excites and the set never", True, 0.005, "%", None),
    )


class LibraryActivations:
    """The activations of a library in a model, ready to be held against the ranges of any set."""

    def __init__(self, profiler: Profiler, graphs: PackedGraphs, progress: Progress = SILENT) -> None:
        self.profiler = profiler
        self._histograms = [Histogram() for _ in profiler.sites]
        place = {site.label: i for i, site in enumerate(profiler.sites)}

        def keep(site: ModelSite, x: Tensor, _owner: NDArray[np.int64]) -> None:
            self._histograms[place[site.label]].update(x)

        self.profiles = profiler.profiles(graphs, progress, keep)
        self.whole = self.profiles.together(profiler.n_channels)

    def coverage(self, of: SetProfile, own: NDArray[np.int64]) -> list[SiteCoverage]:
        """Of the library by the ranges of a set, site by site; ``own`` [s, bins] counts what the two have in common."""
        rest, silent = self.whole.counts - own, self._silent_channels(of)
        found = []
        for i, histogram in enumerate(self._histograms):
            n_values = int(self.whole.counts[i].sum())
            beyond, sqnr = _range_errors(histogram, n_values, float(of.low[i]), float(of.high[i]))
            found.append(SiteCoverage(beyond, _quantile_ratio(rest[i], of.counts[i]), sqnr, silent[i]))
        return found

    def _silent_channels(self, of: SetProfile) -> list[float]:
        ends = np.cumsum([site.n_channels for site in self.profiler.sites])[:-1]
        silent = self.whole.excited & ~of.excited
        return [float(channels.mean()) for channels in np.split(silent, ends)]


def _range_errors(histogram: Histogram, n_values: int, low: float, high: float) -> tuple[float, float]:
    """Share of the values other than 0 beyond the range, and signal to noise in its codes; (1, 0) without a range."""
    if n_values and low == high:
        return 1.0, 0.0
    scale, zero = scale_and_zero(low, high)
    floor, ceiling = (-zero - 0.5) * scale, (LEVELS - zero + 0.5) * scale
    x = histogram.centres
    x[len(x) // 2] = 0.0  # where exact zeros are counted
    beyond = float(histogram.counts[(x < floor) | (x > ceiling)].sum())
    noise = float((histogram.counts * (fake_quantize(x, low, high) - x) ** 2).sum())
    signal = float((histogram.counts * x**2).sum())
    sqnr = 10 * math.log10(signal / noise) if signal > 0 and noise > 0 else _MOST_DB
    return beyond / max(n_values, 1), min(sqnr, _MOST_DB)


def _quantile_ratio(library: NDArray[np.int64], chosen: NDArray[np.int64]) -> float:
    """1 where the library has no activations, at most _MOST_RATIO where the set has none."""
    theirs, ours = _quantile(library), _quantile(chosen)
    return 1.0 if theirs == 0 else min(theirs / max(ours, 1e-30), _MOST_RATIO)


def _quantile(counts: NDArray[np.int64]) -> float:
    """The QUANTILE of magnitudes counted in bins, 0 when nothing was counted."""
    wanted = QUANTILE * counts.sum()
    if not wanted:
        return 0.0
    edges, up_to = bin_edges(), np.cumsum(counts)
    i = int(np.searchsorted(up_to, wanted))
    within = 1 - (up_to[i] - wanted) / counts[i]
    return float(edges[i] + within * (edges[i + 1] - edges[i]))
