"""Which atoms make the scores of some molecules."""

from __future__ import annotations

from typing import Literal

from molq.results.hits import Contributions
from molq.results.shown import Result


class Explanation(Result, frozen=True):
    """What atoms add to one column of scores, a molecule each; draws them coloured, on one scale."""

    model: str
    column: str
    unit: Literal["log odds", "value"]
    """of all numbers: log(p / (1 − p)) of a probability p, or the task's own"""
    smiles: tuple[str, ...]
    contributions: tuple[Contributions | None, ...]
    """None where there is no score"""
    reasons: dict[int, str]
    """place → why, then"""
