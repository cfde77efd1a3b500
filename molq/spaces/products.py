"""Products of a space as molecules: in order, or drawn uniformly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from molq.chem.synthons.joining import Mol, joined_or_reason, smiles_of, synthon_or_reason
from molq.errors import InputError
from molq.limits import require_within
from molq.spaces.space import Combination, Space

_CACHED = 1 << 16
"""synthons whose molecule is kept"""
_DRAWS_PER_PRODUCT = 100
"""after so many for each wanted one a space is held to have hardly any that RDKit accepts"""


class Spelled(NamedTuple):
    """A combination of synthons and the canonical SMILES of its product, None where RDKit refuses it for ``reason``."""

    combination: Combination
    smiles: str | None
    reason: str | None


def spelled(combinations: Iterable[Combination]) -> Iterator[Spelled]:
    """The product of each combination, with its SMILES."""
    for one in combinations:
        mol = joined_or_reason([_mol(synthon.smiles) for synthon in one.synthons])
        yield Spelled(one, None, mol) if isinstance(mol, str) else Spelled(one, smiles_of(mol), None)


def joined(one: Combination) -> Mol | None:
    """The product, sanitized; None where RDKit refuses it."""
    mol = joined_or_reason([_mol(synthon.smiles) for synthon in one.synthons])
    return None if isinstance(mol, str) else mol


def all_combinations(space: Space) -> Iterator[Combination]:
    """Every one, by number."""
    for reaction in space.reactions:
        yield from map(reaction.combination, range(reaction.n_products))


class DrawnProducts(NamedTuple):
    """Products drawn, all with a SMILES, and those that were drawn on the way and refused, by reason."""

    products: list[Spelled]
    refused: dict[str, int]


def draw(space: Space, size: int, seed: int = 0) -> DrawnProducts:
    """``size`` different products, each that RDKit accepts as likely as any other, in the order of drawing.

    Fewer where the space has no more. Raises InputError when RDKit refuses nearly all that are drawn.
    """
    require_within(size=size, seed=seed)
    found: list[Spelled] = []
    refused: Counter[str] = Counter()
    for number in _different_numbers(space.n_products, random.Random(seed)):
        if len(found) == size:
            break
        if len(found) + refused.total() >= _DRAWS_PER_PRODUCT * size:
            raise InputError(
                f"{space.source}: RDKit refuses {refused.total():,} of {refused.total() + len(found):,} products that"
                f" were drawn, most often for: {refused.most_common(1)[0][0]}"
            )
        (one,) = spelled([space.combination(number)])
        if one.reason is None:
            found.append(one)
        else:
            refused[one.reason] += 1
    return DrawnProducts(found, dict(refused.most_common()))


def _different_numbers(n: int, chance: random.Random) -> Iterator[int]:
    """The numbers below n, each once, in random order; memory grows with how many are taken."""
    moved: dict[int, int] = {}
    for at in range(n):
        other = chance.randrange(at, n)
        yield moved.get(other, other)
        moved[other] = moved.pop(at, at)


@lru_cache(_CACHED)
def _mol(smiles: str) -> Mol:
    mol = synthon_or_reason(smiles)
    if isinstance(mol, str):
        raise InputError(f"synthon {smiles}: {mol}")
    return mol
