"""Properties of products as sums: a term of each synthon, and one of how the neighbourhoods of the joins go together.

Mass, polar surface and the like are sums over atoms, each of whose parts depends on the atoms within two bonds. So what
a synthon adds is the same beside every partner, but for its atoms near a join, and these see of a partner no more than
the atom it is joined at and the neighbours of that. Synthons that agree in these are of one class. Terms are
differences between products that RDKit has described, no rules of our own; random products are held against RDKit.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from molq.chem.properties import PROPERTIES, profile_of
from molq.errors import UnsupportedError
from molq.spaces.products import joined
from molq.spaces.space import Combination, Reaction

SUMS = tuple(name for name in PROPERTIES if name != "fraction_sp3")
"""properties that may be sums; the rest is a share"""
_REACHING = {"h_acceptors", "logp", "rotatable_bonds", "aromatic_rings"}
"""in which atoms see their neighbours' neighbours; the parts of all others are an atom's own and its bonds'"""
_SAME = 1e-6
TOLERANCE = 1e-4
_CHECKED = 200
_MOST_TUPLES = 20_000

_Choice = tuple[int, ...]
"""the place of a synthon in each position"""


@dataclass(frozen=True)
class PropertyTerms:
    """m properties of every product: the sum of a row of ``columns`` for each position, and ``corrections``."""

    names: tuple[str, ...]
    columns: tuple[NDArray[np.float64], ...]
    """of each position [synthons, m]; NaN for synthons that are not of these products"""
    classes: tuple[NDArray[np.int32], ...]
    """of each position [synthons], −1 for the others"""
    corrections: NDArray[np.float64]
    """[classes of the first position, of the second, ..., m]"""

    def of(self, choices: Sequence[_Choice]) -> NDArray[np.float64]:
        """[products, m], of the synthons at these places."""
        places = np.array(choices, np.int64)
        kinds = tuple(own[places[:, p]] for p, own in enumerate(self.classes))
        return sum((own[places[:, p]] for p, own in enumerate(self.columns)), self.corrections[kinds])


def property_terms(
    reaction: Reaction,
    members: Sequence[Sequence[int]],
    keys: Sequence[Mapping[int, Hashable]],
    names: Sequence[str],
    seed: int = 0,
) -> PropertyTerms:
    """Terms of the products of ``members``, places of synthons in each position, of which RDKit accepts all.

    ``keys`` says for each of them what its partners can see of it. Raises UnsupportedError where a property of random
    products is no such sum, naming it, and for one that is none at all.
    """
    if others := [name for name in names if name not in SUMS]:
        raise UnsupportedError(f"{others[0]} is no sum over the atoms of a product; those that are: {', '.join(SUMS)}")
    products = _Products(reaction, tuple(names))
    reference = tuple(own[0] for own in members)
    constant = products.described([reference])[0]
    columns = []
    for p, own in enumerate(members):
        table = np.full((len(reaction.positions[p]), len(names)), np.nan)
        table[list(own)] = products.described([_with(reference, {p: at}) for at in own]) - constant
        columns.append(table)
    kinds = _kinds(members, keys) if _REACHING & set(names) else [{own[0]: list(own)} for own in members]
    additive = PropertyTerms(
        tuple(names),
        tuple(columns),
        tuple(np.where(np.isnan(table[:, 0]), -1, 0).astype(np.int32) for table in columns),
        constant.reshape(*(1 for _ in members), -1),
    )
    merged = _merged(products, additive, reference, kinds)
    terms = _corrected(products, additive, merged)
    _check(products, terms, members, random.Random(seed))
    return terms


class _Products:
    """Products of a reaction, described by RDKit."""

    def __init__(self, reaction: Reaction, names: tuple[str, ...]) -> None:
        self.reaction, self.names = reaction, names

    def described(self, choices: Sequence[_Choice]) -> NDArray[np.float64]:
        """[products, m]"""
        return profile_of((joined(self.combination(choice)) for choice in choices), self.names)

    def combination(self, choice: _Choice) -> Combination:
        chosen = tuple(own[at] for own, at in zip(self.reaction.positions, choice, strict=True))
        return Combination(self.reaction.id, chosen)


def _kinds(members: Sequence[Sequence[int]], keys: Sequence[Mapping[int, Hashable]]) -> list[dict[int, list[int]]]:
    """Per position the synthons of each key, by the first of them."""
    found = []
    for own, key in zip(members, keys, strict=True):
        grouped: dict[Hashable, list[int]] = {}
        for at in own:
            grouped.setdefault(key[at], []).append(at)
        found.append({one[0]: one for one in grouped.values()})
    return found


def _merged(
    products: _Products, additive: PropertyTerms, reference: _Choice, kinds: Sequence[Mapping[int, list[int]]]
) -> list[list[list[int]]]:
    """Per position the synthons of each class: kinds that go together with every kind beside them in the same way."""
    seen: list[dict[int, list[bytes]]] = [{first: [] for first in own} for own in kinds]
    for p, q in itertools.combinations(range(len(kinds)), 2):
        pairs = list(itertools.product(kinds[p], kinds[q]))
        apart = _apart(products, additive, [_with(reference, {p: a, q: b}) for a, b in pairs])
        table = apart.reshape(len(kinds[p]), len(kinds[q]), -1)
        for i, first in enumerate(kinds[p]):
            seen[p][first].append(table[i].tobytes())
        for j, first in enumerate(kinds[q]):
            seen[q][first].append(table[:, j].tobytes())
    merged = []
    for own, profiles in zip(kinds, seen, strict=True):
        grouped: dict[tuple[bytes, ...], list[int]] = {}
        for first, synthons in own.items():
            grouped.setdefault(tuple(profiles[first]), []).extend(synthons)
        merged.append(list(grouped.values()))
    return merged


def _corrected(products: _Products, additive: PropertyTerms, merged: Sequence[list[list[int]]]) -> PropertyTerms:
    """The terms with a correction for each combination of classes, from a product of each."""
    n = prod(map(len, merged))
    if n > _MOST_TUPLES:
        raise UnsupportedError(
            f"{products.reaction.id}: {', '.join(products.names)} of its products take {n:,} terms of the"
            f" neighbourhoods of joins; {_MOST_TUPLES:,} are the most"
        )
    firsts = list(itertools.product(*([synthons[0] for synthons in own] for own in merged)))
    shape = (*map(len, merged), len(products.names))
    corrections = _apart(products, additive, firsts).reshape(shape) + additive.corrections
    classes = tuple(own.copy() for own in additive.classes)
    for known, own in zip(classes, merged, strict=True):
        for number, synthons in enumerate(own):
            known[synthons] = number
    return PropertyTerms(additive.names, additive.columns, classes, corrections)


def _apart(products: _Products, terms: PropertyTerms, choices: Sequence[_Choice]) -> NDArray[np.float64]:
    """[products, m] by which the terms miss what RDKit says, 0 where it is rounding."""
    missing = products.described(choices) - terms.of(choices)
    return np.round(missing / _SAME) * _SAME + 0.0


def _check(products: _Products, terms: PropertyTerms, members: Sequence[Sequence[int]], chance: random.Random) -> None:
    choices = list(_random(members, chance))
    apart = np.abs(products.described(choices) - terms.of(choices))
    if apart.size and not apart.max() <= TOLERANCE:
        product, column = np.unravel_index(int(np.argmax(np.nan_to_num(apart, nan=np.inf))), apart.shape)
        raise UnsupportedError(
            f"{terms.names[column]} of the products of {products.reaction.id} is no sum over their synthons:"
            f" {products.combination(choices[product]).id} differs by {apart[product, column]:.3g}"
        )


def _random(members: Sequence[Sequence[int]], chance: random.Random) -> Iterator[_Choice]:
    n = min(_CHECKED, prod(map(len, members)))
    return (tuple(map(chance.choice, members)) for _ in range(n))


def _with(choice: _Choice, others: Mapping[int, int]) -> _Choice:
    return tuple(others.get(p, at) for p, at in enumerate(choice))
