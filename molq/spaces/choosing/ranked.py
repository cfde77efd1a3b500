"""The best products of a pass by the engine: as many are rescored as it takes to be sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from molq.progress import Progress
from molq.spaces.choosing.differences import BATCH
from molq.spaces.choosing.scored import EngineScores, ScoredProduct
from molq.spaces.rescore import Rescorer
from molq.spaces.scanning.best import Found

SAFETY = 2.0
"""the best are rescored until a missing product's difference had to be so many times the largest that was seen"""


class ChosenProducts(NamedTuple):
    """Products that come out."""

    products: list[ScoredProduct]
    """best first"""
    room: float | None
    """no product can be missing unless its difference exceeds this; None where the engine scored all of them"""
    is_short: bool
    """whether combinations were let go that could be more of the products asked for"""
    are_all: bool = False
    """of a diverse list, whether there is no other product that might stand in it"""


def ranked(
    scoring: EngineScores, rescorers: Sequence[Rescorer], kept: Found, cut_off: float, top: int, progress: Progress
) -> ChosenProducts:
    """The ``top`` best of the combinations ``kept``, of which none that was let go is higher than ``cut_off``."""
    progress.stage("rescore")
    products: list[ScoredProduct] = []
    known: set[tuple[int, ...]] = set()
    room: float | None = 0.0
    at, n = 0, len(kept.heights)
    while at < n:
        upto = min(n, at + max(BATCH, top if at == 0 else at // 4))
        products += scoring.scored(rescorers, kept.rows(np.arange(at, upto)), known)
        at = upto
        next_height = float(kept.heights[at]) if at < n else cut_off
        progress.step(at, n)
        if len(products) >= top:
            products.sort()
            room = products[top - 1].height - next_height
            if room > SAFETY * scoring.differences.largest:
                break
    if not np.isfinite(cut_off) and at >= n:
        room = None
    products.sort()
    best = products[:top]
    end = next((i for i, one in enumerate(best) if scoring.is_beyond(one)), len(best))
    is_short = bool(np.isfinite(cut_off)) and end == len(products) < top
    return ChosenProducts(best[:end], room, is_short)
