"""The best products of which no more than so many share a synthon or a reaction, chosen from the best down.

A product is chosen where it shares nothing with as many better ones that were chosen. So it takes more than the best of
one pass: what is used up is left out, and another pass finds the best of the rest, until there are enough or none.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from molq.progress import Progress
from molq.spaces.choosing.quota import Quota
from molq.spaces.choosing.ranked import SAFETY, ChosenProducts
from molq.spaces.choosing.scored import EngineScores, ScoredProduct
from molq.spaces.rescore import Rescorer
from molq.spaces.scanning.best import Found

_FEW = 64
"""combinations whose products the engine scores at once, as most share something with the first that is chosen"""


class DiverseProducts:
    """``top`` products, by one pass after the other."""

    def __init__(self, scoring: EngineScores, quota: Quota, top: int, progress: Progress) -> None:
        self._scoring, self._quota, self._top, self._progress = scoring, quota, top, progress
        self._products: list[ScoredProduct] = []
        self._room = np.inf
        self._is_beyond = self._is_short = self._are_all = False

    @property
    def chosen(self) -> ChosenProducts:
        """Those so far."""
        room = 0.0 if self._is_short else max(self._room, 0.0)
        return ChosenProducts(self._products, room if np.isfinite(room) else None, self._is_short, self._are_all)

    def take(self, rescorers: Sequence[Rescorer], kept: Found, cut_off: float) -> Sequence[Rescorer]:
        """Takes what is sure of a pass over sheets, and gives the sheets of the next; none where it is over."""
        self._progress.stage("rescore")
        n_before = len(self._products)
        pool = self._from(rescorers, kept, cut_off)
        if not np.isfinite(cut_off) and not self._is_over:
            self._are_all = True
        if self._is_over or self._are_all:
            return ()
        if len(self._products) == n_before:
            if not pool:
                self._is_short = True
                return ()
            self._choose(pool[0], cut_off)
            if self._is_over:
                return ()
        left = tuple(self._quota.left(rescorers))
        self._are_all = not left
        return left

    def _from(self, rescorers: Sequence[Rescorer], kept: Found, cut_off: float) -> list[ScoredProduct]:
        """Goes down the combinations of a pass; gives what was scored and is not sure to be the best of the rest."""
        shared = self._quota.shared([rescorer.sheet for rescorer in rescorers], kept)
        pool: list[ScoredProduct] = []
        known = {
            (at, *product.synthons)
            for at, rescorer in enumerate(rescorers)
            for product in self._products
            if product.reaction == rescorer.sheet.reaction
        }
        waiting = np.arange(len(kept.heights))
        while True:
            waiting = waiting[self._quota.is_open(shared[waiting])]
            next_height = float(kept.heights[waiting[0]]) if len(waiting) else cut_off
            if self._settle(pool, next_height):
                continue
            if self._is_over or not len(waiting):
                return pool
            few, waiting = waiting[:_FEW], waiting[_FEW:]
            for product in self._scoring.scored(rescorers, kept.rows(few), known):
                heapq.heappush(pool, product)

    def _settle(self, pool: list[ScoredProduct], next_height: float) -> bool:
        """Goes down what is sure to be better than all that has not been scored, until a product is chosen."""
        margin = SAFETY * self._scoring.differences.largest
        while pool and not self._is_over and pool[0].height - next_height > margin:
            product = heapq.heappop(pool)
            if self._quota.is_open(self._quota.of(product.reaction, product.synthons)[None])[0]:
                self._choose(product, next_height)
                return True
        return False

    def _choose(self, product: ScoredProduct, next_height: float) -> None:
        self._room = min(self._room, product.height - next_height)
        if self._scoring.is_beyond(product):
            self._is_beyond = True
            return
        self._products.append(product)
        self._quota.take(self._quota.of(product.reaction, product.synthons))
        self._progress.step(len(self._products), self._top)

    @property
    def _is_over(self) -> bool:
        return self._is_beyond or len(self._products) == self._top
