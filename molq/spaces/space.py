"""A combinatorial space: reactions, the synthons of their positions, and products by number."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple


class Synthon(NamedTuple):
    """A piece of a molecule with connectors, as its file spells it."""

    smiles: str
    id: str


class Combination(NamedTuple):
    """A synthon for each position of a reaction."""

    reaction: str
    synthons: tuple[Synthon, ...]

    @property
    def id(self) -> str:
        """The ids of the synthons and of the reaction, as RDKit names products."""
        return ";".join((*(synthon.id for synthon in self.synthons), self.reaction))


@dataclass(frozen=True)
class Reaction:
    """The synthons of each position."""

    id: str
    positions: tuple[tuple[Synthon, ...], ...]

    @property
    def n_products(self) -> int:
        return prod(map(len, self.positions))

    def combination(self, number: int) -> Combination:
        """Product ``number``, from 0; the last position changes first."""
        chosen = []
        for synthons in reversed(self.positions):
            number, place = divmod(number, len(synthons))
            chosen.append(synthons[place])
        return Combination(self.id, tuple(reversed(chosen)))


@dataclass(frozen=True)
class Space:
    """What a file of synthons spans; ``left_out`` counts synthons by the reason why they are not in it."""

    source: str
    reactions: tuple[Reaction, ...]
    left_out: dict[str, int]
    notes: tuple[str, ...]
    """what is odd, a line each"""

    @property
    def n_products(self) -> int:
        """Combinations of synthons; RDKit may refuse some of their products."""
        return sum(reaction.n_products for reaction in self.reactions)

    @property
    def n_synthons(self) -> int:
        return sum(len(synthons) for reaction in self.reactions for synthons in reaction.positions)

    def combination(self, number: int) -> Combination:
        """Product ``number``, from 0, those of the first reaction first."""
        for reaction in self.reactions:
            if number < reaction.n_products:
                return reaction.combination(number)
            number -= reaction.n_products
        raise IndexError("the space has fewer products")
