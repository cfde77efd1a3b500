"""Choosing molecules whose property marginals follow a library's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.calibset.population import Population

_QUANTILES = np.array([0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
_LIBRARY_SAMPLE = 10_000
_SWAP_ROUNDS = 3


class Marginals:
    """The marginal distributions of a library's properties and elements, as the mean of step functions.

    A molecule's row holds 1[property <= q] for each property and a ladder of the library's quantiles q, and 1[element
    present] for each element. The mean of the rows of a set is then its cumulative distribution on the ladders, and the
    squared distance of two means is a sum of Cramér–von Mises distances.
    """

    def __init__(self, library: Population, seed: int) -> None:
        library = library.sample(_LIBRARY_SAMPLE, np.random.default_rng([seed, 1]))
        self._ladders = np.quantile(library.profile, _QUANTILES, axis=0)
        self._elements = np.flatnonzero(library.elements.any(axis=0))
        self.target = self.rows(library).mean(axis=0)
        """[f]"""

    def rows(self, molecules: Population) -> NDArray[np.float32]:
        """[n, f]"""
        below = molecules.profile[:, None, :] <= self._ladders[None, :, :]
        steps = below.reshape(len(molecules), -1)
        return np.concatenate([steps, molecules.elements[:, self._elements]], axis=1).astype(np.float32)


def match(
    rows: NDArray[np.float32],
    target: NDArray[np.float32],
    strata: NDArray[np.int64],
    places: NDArray[np.int64],
    kinds: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Candidates [sum of places] whose mean row comes near the target, ``places[s]`` of them from stratum s.

    rows [n, f], target [f], strata [n], places [k]. Greedy (kernel herding), then exchanges within a stratum while
    they help. The order of the result is the greedy order, so that a prefix is a good smaller set. A candidate whose
    ``kinds`` [n] entry was chosen before is passed over while its stratum has any other; -1 is no kind.
    """
    left = places.copy()
    free = np.ones(len(rows), np.bool_)
    fresh = np.ones(len(rows), np.bool_)
    own = (rows**2).sum(axis=1)
    total = np.zeros_like(target)
    chosen: list[int] = []
    for step in range(1, int(places.sum()) + 1):
        open_to = free & (left[strata] > 0)
        has_fresh = np.zeros(len(left), np.bool_)
        has_fresh[strata[open_to & fresh]] = True
        open_to &= fresh | ~has_fresh[strata]
        cost = np.where(open_to, own - 2 * (rows @ (step * target - total)), np.inf)
        best = int(np.argmin(cost))
        chosen.append(best)
        free[best] = False
        left[strata[best]] -= 1
        total += rows[best]
        if kinds is not None and kinds[best] >= 0:
            fresh[kinds == kinds[best]] = False
    return _exchange(np.array(chosen, np.int64), rows, target, strata, kinds)


def _exchange(
    chosen: NDArray[np.int64],
    rows: NDArray[np.float32],
    target: NDArray[np.float32],
    strata: NDArray[np.int64],
    kinds: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    """The same places with candidates exchanged within their stratum where the mean comes nearer the target."""
    free = np.ones(len(rows), np.bool_)
    free[chosen] = False
    gap = rows[chosen].sum(axis=0) - len(chosen) * target
    for _ in range(_SWAP_ROUNDS):
        changed = False
        for place, old in enumerate(chosen):
            others = np.flatnonzero(free & (strata == strata[old]))
            if kinds is not None:
                taken = kinds[chosen]
                others = others[(kinds[others] < 0) | (kinds[others] == kinds[old]) | ~np.isin(kinds[others], taken)]
            if not len(others):
                continue
            without = gap - rows[old]
            costs = ((without + rows[others]) ** 2).sum(axis=1)
            new = int(others[np.argmin(costs)])
            if costs.min() < (gap**2).sum() - 1e-6:
                free[old], free[new] = True, False
                chosen[place], gap, changed = new, without + rows[new], True
        if not changed:
            break
    return chosen
