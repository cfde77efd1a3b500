"""What a combinatorial space holds, and products drawn from it."""

from __future__ import annotations

from typing import Literal

from molq.results.shown import Result

DiverseBy = Literal["synthon", "reaction"]
"""what products of a list may share"""


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


class SpaceSynthon(Result, frozen=True):
    """A synthon of a product, as its file spells it."""

    id: str
    smiles: str


class SpaceHit(Result, frozen=True):
    """One of the best products of a space; its scores, in the order of the columns, are the engine's."""

    rank: int
    """from 1"""
    smiles: str
    """canonical"""
    id: str
    """the ids of its synthons and of the reaction, as RDKit names products"""
    scores: tuple[float, ...]
    reaction: str
    synthons: tuple[SpaceSynthon, ...]


class Exactness(Result, frozen=True):
    """What is known of the difference between scores added up of terms and those of the engine."""

    in_logits: bool
    """whether differences are of logits, else of scores"""
    room: float | None
    """no product can be missing unless its difference exceeds this; None where the engine scored all of them"""
    largest: float | None
    """difference seen, on random products and on the best; None where a score was no finite number"""
    spread: float
    """standard deviation of what random products are ranked by"""
    checked: int
    """random products that were scored both ways"""
    differing: int
    """of these and of the best, how many RDKit refuses or perceives otherwise than other products of their synthons"""

    @property
    def is_exact(self) -> bool:
        """Whether no difference that was seen could hide a product, and no product looks otherwise than it should."""
        if self.room is None:
            return True
        return self.largest is not None and self.room > self.largest and not self.differing


class SpaceScreen(Result, frozen=True):
    """The best products of a space, and what was done to find them."""

    source: str
    model: str
    columns: tuple[str, ...]
    ranked_by: str
    lowest: bool
    hits: tuple[SpaceHit, ...]
    products: int
    """of the reactions that were looked at; those that the bounds of ``where`` rule out are among them"""
    refused: dict[str, int]
    """reason → products that RDKit refuses"""
    spellings: int
    """combinations in all: a product with marks of stereo is one for each way of spelling them that is tried; those
    that the bounds of ``where`` rule out beforehand do not count"""
    rescored: int
    """by the engine"""
    exactness: Exactness
    seconds: float
    """of the pass over all products"""
    workers: int
    where: tuple[str, ...] = ()
    """bounds on properties that every hit meets, such as ``mol_weight < 500``"""
    scored: int = 0
    """of the spellings, and bounds of several at once; the others were passed over, as a bound showed them too low"""
    threshold: float | None = None
    """score that every hit reaches; with ``lowest``, that none exceeds"""
    is_short: bool = False
    """whether fewer products came out than were asked for, as the combinations kept are of no more"""
    score: str | None = None
    """the sum of scores that ranks, which is the last of the columns; None where one of the model does"""
    diverse_by: DiverseBy | None = None
    """what no more than ``at_most`` products of the list share; None where that was not asked for"""
    at_most: int = 1
    are_all: bool = False
    """with ``diverse_by``: whether every other product shares one that as many of the list share as may"""
    passes: int = 1
    """over all products; with ``diverse_by`` each of them without what those before had used up"""

    @property
    def n_molecules(self) -> int:
        """Different molecules among the hits: the products of several combinations may be the same."""
        return len({hit.smiles for hit in self.hits})

    @property
    def products_per_s(self) -> float:
        """Of the pass."""
        return self.products / self.seconds if self.seconds else 0.0


class SynthonShare(Result, frozen=True):
    """A synthon among the best products, and what it does to products drawn at random."""

    id: str
    smiles: str
    n_best: int
    """products of the list that hold it"""
    best_rank: int
    mean: float | None
    """score of random products that hold it; None where the model scores none of them"""


class PositionMap(Result, frozen=True):
    """Mean scores of products that hold a synthon of one position and one of another, the others drawn at random."""

    positions: tuple[int, int]
    means: tuple[tuple[float | None, ...], ...]
    """a row for each synthon of the first position that is shown, a column for each of the second"""


class ReactionLandscape(Result, frozen=True):
    """The synthons of a reaction that stand most often in the best products, of each position."""

    id: str
    n_best: int
    """products of the list"""
    mean: float | None
    """score of random products of the reaction"""
    synthons: tuple[tuple[SynthonShare, ...], ...]
    n_others: tuple[int, ...]
    """of each position, synthons among the best products that are not shown"""
    maps: tuple[PositionMap, ...]


class SpaceLandscape(Result, frozen=True):
    """The best products of a space, and of the reactions with most of them what these are made of."""

    screen: SpaceScreen
    reactions: tuple[ReactionLandscape, ...]
    n_drawn: int
    """random products behind the mean of each synthon"""
    seed: int
