"""The best rows of any number of scores, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Best(Generic[T]):
    """The ``size`` best rows so far; of equal scores the earlier rows."""

    def __init__(self, size: int, lowest: bool) -> None:
        self._size, self._sign = size, 1.0 if lowest else -1.0
        self._keys = np.zeros(0)
        self._kept: list[T] = []
        self.n_rows = 0
        """with a score, so far"""
        self.n_tied_out = 0
        """rows left out that score as the last one kept does"""

    def offer(self, scores: NDArray[np.float64], row_at: Callable[[int], T]) -> None:
        """Takes the best of the rows that come next; ``row_at`` makes those that are kept, NaN is no score."""
        keys = self._sign * scores
        at = np.flatnonzero(~np.isnan(keys))
        self.n_rows += len(at)
        is_full = len(self._kept) == self._size
        if is_full:
            at = at[keys[at] <= self._keys[-1]]
        pool = np.concatenate([self._keys, keys[at]])
        order = np.argsort(pool, kind="stable")
        taken, beyond = order[: self._size], order[self._size :]
        n_kept = len(self._kept)
        if len(beyond):
            last = pool[taken[-1]]
            self.n_tied_out = self.n_tied_out * (is_full and last == self._keys[-1])
            self.n_tied_out += int((pool[beyond] == last).sum())
        self._kept = [self._kept[i] if i < n_kept else row_at(int(at[i - n_kept])) for i in taken.tolist()]
        self._keys = pool[taken]

    def rows(self) -> list[T]:
        """Best first."""
        return list(self._kept)
