"""Choosing a calibration set by what its molecules do to a model: they reach what the library reaches in it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from molq.calibset.population import Population
from molq.calibset.strategy import Choice
from molq.chem.packed import PackedGraphs, batches
from molq.nn.ensemble import Network
from molq.progress import SILENT, Progress
from molq.quant.scheme import get_scheme
from molq.workflows.validity.kernels import gather_largest
from molq.workflows.validity.profile import ModelSite, Profiler

NAME = "activation"
LIBRARY_SAMPLE = 10_000
"""library molecules run through the model, over the members of an ensemble"""
POOL_SAMPLE = 100_000
"""pool molecules likewise; more are represented by a seeded draw of this many"""
CEILING = 0.999
"""quantile of library molecules that a channel counts as covered at: rarer extremes are not chased"""
LEAST_GAIN = 1e-3
"""share of all there is to cover; when no molecule adds more, coverage begins anew with the molecules left"""
_FULL = 255


class ActivationStrategy:
    """Greedy coverage of the largest magnitude of every input channel of every call site that int8 gives a range.

    A channel is covered up to the ceiling of the library; molecules that drive a call site beyond all the library does
    would only widen its range, and are chosen last. Source of the greedy bound: Nemhauser, Wolsey and Fisher,
    Math. Program. 14, 265 (1978); lazy evaluation: Minoux (1978).
    """

    def __init__(self, network: Network, progress: Progress = SILENT) -> None:
        self._profiler, self._progress = Profiler(network, get_scheme("int8")), progress
        self._n_members, self._recipe = len(network.members), network.recipe

    def __call__(self, pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
        sample = library.sample(LIBRARY_SAMPLE // self._n_members, rng)
        largest = np.concatenate(
            [self._largest(batch) for batch in batches(sample.graphs_by(self._recipe), progress=self._progress)]
        )
        ceiling = np.quantile(largest, CEILING, axis=0).astype(np.float32)
        limits = self._per_site(largest).max(axis=0)

        distinct = np.sort(rng.permutation(pool.distinct)[: max(POOL_SAMPLE // self._n_members, size)])
        candidates = pool.subset(distinct)
        reach = np.empty((len(distinct), len(ceiling)), np.uint8)
        excess = np.empty(len(distinct))
        done = 0
        for batch in batches(candidates.graphs_by(self._recipe), progress=self._progress):
            here = slice(done, done := done + batch.n_mols)
            found = self._largest(batch)
            reach[here] = _FULL * np.clip(found / np.maximum(ceiling, 1e-30), 0, 1)
            excess[here] = (self._per_site(found) / np.maximum(limits, 1e-30)).max(axis=1)

        allowed = np.flatnonzero(excess <= 1)
        order, n_rounds = cover(reach[allowed], size)
        chosen = allowed[order]
        beyond = np.setdiff1d(np.arange(len(distinct)), allowed)
        milder = beyond[np.argsort(excess[beyond], kind="stable")][: size - len(chosen)]
        chosen = np.concatenate([chosen, milder])
        reached = reach[chosen].max(axis=0) >= 0.99 * _FULL
        notes = {
            "pool_run": len(distinct),
            "library_run": len(sample),
            "channels": int((ceiling > 0).sum()),
            "channels_covered": int((reached & (ceiling > 0)).sum()),
            "coverage_rounds": n_rounds,
            "molecules_beyond_library": len(milder),
        }
        return Choice(distinct[chosen], {name: float(value) for name, value in notes.items()})

    def _largest(self, batch: PackedGraphs) -> NDArray[np.float32]:
        """Largest magnitude [n, channels of all sites] of each molecule's inputs."""
        largest = {site.label: np.zeros((batch.n_mols, site.n_channels), np.float32) for site in self._profiler.sites}

        def see(site: ModelSite, x: Tensor, owner: NDArray[np.int64]) -> None:
            gather_largest(np.ascontiguousarray(x.numpy(), np.float32), owner, largest[site.label])

        self._profiler.show(batch, see)
        return np.concatenate(list(largest.values()), axis=1)

    def _per_site(self, largest: NDArray[np.float32]) -> NDArray[np.float32]:
        """[n, sites] of channels [n, channels]."""
        first = np.cumsum([0] + [site.n_channels for site in self._profiler.sites])[:-1]
        per_site: NDArray[np.float32] = np.maximum.reduceat(largest, first, axis=1)
        return per_site


def cover(reach: NDArray[np.uint8], size: int) -> tuple[NDArray[np.int64], int]:
    """At most ``size`` rows of reach [n, k] that together reach as high as can be in every column, and the rounds.

    Each row is the one that adds most to the column maxima of those before it; of equal ones the first. When none adds
    LEAST_GAIN of what the columns can hold, the maxima are forgotten and a new round begins with the rows left.
    """
    least = LEAST_GAIN * float(reach.max(axis=0, initial=0).sum())
    alone = reach.sum(axis=1, dtype=np.int64)
    left = list(range(len(reach)))
    chosen: list[int] = []
    n_rounds = 0
    while left and len(chosen) < size:
        found = list(itertools.islice(_round(reach, [(-int(alone[i]), i) for i in left], least), size - len(chosen)))
        chosen += found
        taken = set(found)
        left = [i for i in left if i not in taken]
        n_rounds += 1
    return np.array(chosen, np.int64), n_rounds


def _round(reach: NDArray[np.uint8], gains: list[tuple[int, int]], least: float) -> Iterator[int]:
    """The rows of one round, one at least. ``gains`` holds (−gain, row) of those that may be taken.

    A gain only falls as others are taken, so one that was just computed and still leads need not be compared anew.
    """
    heapq.heapify(gains)
    height = np.zeros(reach.shape[1], np.uint8)
    while gains:
        _, i = heapq.heappop(gains)
        gain = int(np.subtract(reach[i], height, dtype=np.int32).clip(0).sum())
        if gains and (-gain, i) > gains[0]:
            heapq.heappush(gains, (-gain, i))
        elif gain <= least and height.any():
            return
        else:
            height = np.maximum(height, reach[i])
            yield i
