"""Molecules whose score a quantized model moves, with both scores."""

from __future__ import annotations

from molq.results.shown import Result


class ScoreChange(Result, frozen=True):
    """One molecule under the float model and the quantized one; ranks count all that were compared, 1 the best."""

    smiles: str
    column: str
    """the prediction that moved most"""
    reference: float
    """score of the float model"""
    score: float
    reference_rank: int
    rank: int
    n: int
    """molecules compared"""
    label: float | None = None
    """measured value, where there is one"""

    @property
    def change(self) -> float:
        """Score minus that of the float model."""
        return self.score - self.reference
