"""What is said between a screen and the processes that scan for it."""

from __future__ import annotations

from typing import NamedTuple

from molq.spaces.ranker import Ranker
from molq.spaces.scanning.boxes import Box, Order
from molq.spaces.scanning.scanner import Scanner
from molq.spaces.sheets import Sheet
from molq.store.molqfile import decode


class ScanModel(NamedTuple):
    """A model, and what its products are ranked by."""

    model: bytes
    """of the .molq file"""
    task: str | None = None
    lowest: bool = False
    score: str | None = None

    def ranker(self, name: str) -> Ranker:
        """Raises as ``decode`` and ``Ranker`` do; ``name`` is the model's in errors."""
        return Ranker(decode(self.model, name).network, self.task, lowest=self.lowest, score=self.score)


class ScanJob(NamedTuple):
    """What a process is to scan."""

    sheets: tuple[Sheet, ...]
    orders: tuple[Order, ...]
    """of their pieces"""
    size: int
    """of the best of a box"""

    def scanner(self, ranker: Ranker) -> Scanner:
        """By that ranker."""
        return Scanner(ranker, self.sheets, self.size, self.orders or None)


class BoxAsked(NamedTuple):
    """A box, and the height that its products have to pass."""

    sheet: int
    box: Box
    cut_off: float


class ScanFailed(NamedTuple):
    """Why a box was not scanned: the name of a MolqError, or none for a fault of molq."""

    error: str | None
    message: str
