"""The K best rows by one prediction, in a bounded heap."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import NamedTuple


class BestRow(NamedTuple):
    """A row of the library that may be among the best."""

    score: float
    """that it is ranked by"""
    row: int
    texts: list[str]
    """text columns"""
    scores: list[float]
    """of all columns"""


class BestRows:
    """Keeps the K rows with the highest scores (the lowest, when ``lowest``); of equal scores the earlier rows."""

    def __init__(self, k: int, lowest: bool) -> None:
        self._k, self._sign = k, -1.0 if lowest else 1.0
        self._heap: list[tuple[float, int, BestRow]] = []

    @property
    def bound(self) -> float | None:
        """The score that a later row must beat, None while there is room."""
        return self._sign * self._heap[0][0] if len(self._heap) >= self._k else None

    def add(self, rows: Iterable[BestRow]) -> None:
        for row in rows:
            item = (self._sign * row.score, -row.row, row)
            if len(self._heap) < self._k:
                heapq.heappush(self._heap, item)
            elif item[:2] > self._heap[0][:2]:
                heapq.heapreplace(self._heap, item)

    def sorted(self) -> list[BestRow]:
        """Best first."""
        return [item[2] for item in sorted(self._heap, key=lambda item: item[:2], reverse=True)]
