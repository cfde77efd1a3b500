"""What a combinatorial space holds, and products drawn from it."""

from __future__ import annotations

from molq.results.shown import Result


class ReactionSize(Result, frozen=True):
    """``products`` are the combinations of the ``synthons`` of its positions."""

    id: str
    synthons: tuple[int, ...]
    products: int


class SpaceSummary(Result, frozen=True):
    """A space in numbers."""

    source: str
    reactions: tuple[ReactionSize, ...]
    synthons: int
    products: int
    """combinations; RDKit may refuse some"""
    left_out: dict[str, int]
    """reason → synthons that take part in no product"""
    notes: tuple[str, ...]
    """what is odd"""


class SpaceProduct(Result, frozen=True):
    """A product: its canonical SMILES, the ids of its synthons and of the reaction, as RDKit names products."""

    smiles: str
    id: str
    reaction: str


class SpaceSample(Result, frozen=True):
    """Products drawn uniformly from those that RDKit accepts, in the order of drawing."""

    source: str
    seed: int
    products: tuple[SpaceProduct, ...]
    refused: dict[str, int]
    """reason → products that were drawn as well, and RDKit refuses"""
