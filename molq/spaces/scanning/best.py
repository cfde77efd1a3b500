"""The best products met so far, a bounded number of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_POSITIONS = 8


class Found(NamedTuple):
    """n products, as combinations of pieces."""

    heights: NDArray[np.float32]
    """[n]"""
    sheets: NDArray[np.int32]
    """[n]"""
    pieces: NDArray[np.int32]
    """[n, MAX_POSITIONS], −1 beyond the positions of the reaction"""

    def rows(self, index: NDArray[np.integer]) -> Found:
        """Some of them."""
        return Found(self.heights[index], self.sheets[index], self.pieces[index])


def products_of(found: Found, synthons: Sequence[Sequence[NDArray[np.int32]]]) -> NDArray[np.int32]:
    """[n, 1 + MAX_POSITIONS]: sheet and synthons of each combination, −1 beyond the positions of the reaction.

    ``synthons`` holds for each sheet and position the synthon of each piece.
    """
    products = np.full((len(found.heights), 1 + MAX_POSITIONS), -1, np.int32)
    products[:, 0] = found.sheets
    for sheet in np.unique(found.sheets).tolist():
        own = np.flatnonzero(found.sheets == sheet)
        for position, of_piece in enumerate(synthons[sheet]):
            products[own, 1 + position] = of_piece[found.pieces[own, position]]
    return products


def height_of_nth(found: Found, products: NDArray[np.int32], n: int) -> float | None:
    """The height of the n-th best of these ``products`` of combinations, best first; None where they are fewer."""
    _, first = np.unique(products, axis=0, return_index=True)
    return float(found.heights[np.partition(first, n - 1)[n - 1]]) if len(first) >= n else None


def nothing() -> Found:
    """No products."""
    return Found(np.empty(0, np.float32), np.empty(0, np.int32), np.empty((0, MAX_POSITIONS), np.int32))


class BestFound:
    """The ``size`` best of all that were added."""

    def __init__(self, size: int, found: Found | None = None) -> None:
        self.size = size
        self._found = found or nothing()

    @property
    def cut_off(self) -> float:
        """No product that was let go is higher; minus infinity while none was."""
        return float(self._found.heights.min()) if len(self._found.heights) >= self.size else -np.inf

    def add(self, more: Found) -> None:
        """Takes these as well, and lets the worst go."""
        both = Found(*(np.concatenate(parts) for parts in zip(self._found, more, strict=True)))
        if len(both.heights) > self.size:
            both = both.rows(np.argpartition(-both.heights, self.size - 1)[: self.size])
        self._found = both

    @property
    def found(self) -> Found:
        """Best first; of equal ones those of lower numbers."""
        keys = (*self._found.pieces.T[::-1], self._found.sheets, -self._found.heights)
        return self._found.rows(np.lexsort(keys))
