"""Products of the pass scored by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from molq.spaces.choosing.differences import BATCH, Differences
from molq.spaces.rescore import Rescored, Rescorer
from molq.spaces.scanning.best import Found
from molq.spaces.seen import SeenSpace
from molq.spaces.space import Reaction


class ScoredProduct(NamedTuple):
    """A product by the engine; such ones sort with the best first."""

    depth: float
    """its height, turned round"""
    sheet: int
    synthons: tuple[int, ...]
    """places in the positions of the reaction"""
    reaction: Reaction
    smiles: str
    scores: tuple[float, ...]
    value: float
    """by which it is ranked"""

    @property
    def height(self) -> float:
        return -self.depth


class EngineScores:
    """Scores products, and counts how many; those with a value beyond ``threshold`` are told apart."""

    def __init__(self, seen: SeenSpace, differences: Differences, threshold: float | None) -> None:
        self._seen, self.differences, self._threshold = seen, differences, threshold
        self.n = 0

    def is_beyond(self, one: ScoredProduct) -> bool:
        """Whether it is worse than the threshold."""
        sign = self._seen.ranker.sign
        return self._threshold is not None and sign * one.value < sign * self._threshold

    def scored(
        self, rescorers: Sequence[Rescorer], kept: Found, known: set[tuple[int, ...]]
    ) -> Iterator[ScoredProduct]:
        """The products of combinations of the sheets, without those of ``known``, which grows by them.

        Left out are products without a finite score, and those that the windows do not want.
        """
        by = self._seen.ranker.by
        for sheet_at in np.unique(kept.sheets).tolist():
            own = kept.rows(np.flatnonzero(kept.sheets == sheet_at))
            rescorer = rescorers[sheet_at]
            sheet = rescorer.sheet
            heights: dict[tuple[int, ...], float] = {}
            wanted: dict[tuple[int, ...], float] = {}
            for height, row in zip(own.heights.tolist(), own.pieces.tolist(), strict=True):
                pieces = tuple(row[: len(sheet.pieces)])
                heights[pieces] = height
                choice = tuple(sheet.pieces[p][piece].synthon for p, piece in enumerate(pieces))
                if (sheet_at, *choice) not in known:
                    known.add((sheet_at, *choice))
                    wanted[choice] = height
            choices = list(wanted)
            for start in range(0, len(choices), BATCH):
                found = rescorer.rescore(choices[start : start + BATCH])
                self.n += len(found.smiles)
                self.differences.compare(list(_added_up(heights, wanted, found)), found)
                values = by.of(found.executed.scores)
                for i in self._seen.wanted(found.smiles):
                    height = float(found.executed.heights[i])
                    if np.isfinite(height):
                        choice = tuple(found.choices[i].tolist())
                        scores = tuple(found.executed.scores[i].tolist())
                        yield ScoredProduct(
                            -height, sheet_at, choice, sheet.reaction, found.smiles[i], scores, float(values[i])
                        )


def _added_up(
    heights: dict[tuple[int, ...], float], highest: dict[tuple[int, ...], float], found: Rescored
) -> Iterator[float | None]:
    """What the pass made of each product's own spelling, if that was kept; of one that looks otherwise, its highest."""
    rows = zip(found.pieces.tolist(), found.choices.tolist(), found.is_known.tolist(), strict=True)
    for pieces, choice, is_known in rows:
        yield heights.get(tuple(pieces)) if is_known else highest[tuple(choice)]
