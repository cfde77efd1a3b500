"""How far what is added up of terms lies from what the engine says, on random products and on the best."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import ceil, isfinite

import numpy as np

from molq.progress import Progress
from molq.results.space import Exactness
from molq.spaces.rescore import Rescored
from molq.spaces.seen import SeenSpace
from molq.spaces.sheets import Sheet

BATCH = 256
"""products that the engine scores at once"""


class Differences:
    """Differences between terms and engine, as far as they were seen."""

    def __init__(self, seen: SeenSpace) -> None:
        self._seen = seen
        self.largest = self.spread = 0.0
        """of finite numbers"""
        self.n_checked = self.n_differing = 0
        self._is_lost = False

    def random_products(self, n: int, progress: Progress) -> None:
        """Scores random products both ways, as many of each reaction, those of its sheets by their size."""
        progress.stage("check")
        chance = random.Random(self._seen.seed)
        heights: list[float] = []
        shares = _shares(self._seen.sheets, n)
        for rescorer, share in zip(self._seen.rescorers, shares, strict=True):
            synthons = rescorer.sheet.synthons
            for start in range(0, share, BATCH):
                choices = [tuple(map(chance.choice, synthons)) for _ in range(min(BATCH, share - start))]
                found = rescorer.rescore(choices)
                self.compare(rescorer.added_up(found.pieces).tolist(), found)
                self.n_checked += len(found.smiles)
                heights += found.executed.heights.tolist()
                progress.step(self.n_checked, sum(shares))
            rescorer.forget()
        finite = list(filter(isfinite, heights))
        self.spread = float(np.std(finite)) if finite else 0.0

    def compare(self, added_up: Sequence[float | None], found: Rescored) -> None:
        """Takes note of products that look otherwise, and of the largest difference where something was added up."""
        self.n_differing += int((~found.is_known).sum()) + len(found.refused)
        for height, executed in zip(added_up, found.executed.heights.tolist(), strict=True):
            difference = abs((executed if height is None else height) - executed)
            if isfinite(difference):
                self.largest = max(self.largest, difference)
            else:
                self._is_lost = True

    def exactness(self, room: float | None) -> Exactness:
        """What is known of a list for which a product that is missing would have to differ by ``room``."""
        largest = None if self._is_lost else self.largest
        return Exactness(self._seen.ranker.in_logits, room, largest, self.spread, self.n_checked, self.n_differing)


def _shares(sheets: Sequence[Sheet], n: int) -> list[int]:
    """How many random products of each sheet: as many of each reaction."""
    reactions = dict.fromkeys(sheet.reaction.id for sheet in sheets)
    size = {name: sum(s.n_products for s in sheets if s.reaction.id == name) for name in reactions}
    each = n / max(1, len(reactions))
    return [ceil(each * sheet.n_products / size[sheet.reaction.id]) if n else 0 for sheet in sheets]
