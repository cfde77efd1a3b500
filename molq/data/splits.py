"""Train, validation and test molecules, and how they were chosen."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molq.chem.identity import same_molecules
from molq.chem.scaffolds import murcko_scaffolds
from molq.errors import InputError

Indices = Sequence[int] | NDArray[np.int64]
Sides = tuple[Indices, Indices, Indices]
SPLIT_METHODS = ("random", "scaffold", "scaffold-balanced")


@dataclass(frozen=True)
class Split:
    """Index arrays into the molecules that were split, each ascending; together they hold every molecule once."""

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    test: NDArray[np.int64]
    method: str
    seed: int | None
    """None where the method uses none"""
    fractions: tuple[float, float, float]

    def as_dict(self) -> dict[str, object]:
        """How the split was made and its sizes, ready for JSON."""
        return {
            "method": self.method,
            "seed": self.seed,
            "fractions": list(self.fractions),
            "n_train": len(self.train),
            "n_valid": len(self.valid),
            "n_test": len(self.test),
        }


def make_split(
    smiles: Sequence[str],
    method: str,
    seed: int = 0,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    same: NDArray[np.int64] | None = None,
) -> Split:
    """The molecules split by ``method``; the same molecule never stands on two sides, however it is spelled.

    ``same`` [n] names of each molecule the first that is the same, where that is known already.

    - random: a seeded permutation.
    - scaffold: Bemis-Murcko scaffolds whole, the largest first to train, then valid, then test; no seed. As DeepChem
      (ScaffoldSplitter) and OGB do it.
    - scaffold-balanced: scaffolds whole; those larger than half the valid or test size first, in seeded order, then the
      rest in seeded order; each goes to the first side with room. As chemprop 1 does it (scaffold_split, balanced).

    Molecules without a ring share the scaffold "" and so stay together too. Scaffold methods meet the fractions only as
    nearly as the scaffolds allow. InputError when a side with a fraction above 0 gets no molecule.
    """
    _check_fractions(fractions)
    if method == "random":
        sides = _random(same_molecules(smiles) if same is None else same, seed, fractions)
    elif method == "scaffold":
        sides = _largest_first(_by_scaffold(smiles), len(smiles), fractions)
    elif method == "scaffold-balanced":
        sides = _balanced(_by_scaffold(smiles), len(smiles), seed, fractions)
    else:
        raise InputError(f"split method {method!r} is unknown; choose from {', '.join(SPLIT_METHODS)}")
    for name, side, fraction in zip(("train", "valid", "test"), sides, fractions, strict=True):
        if fraction > 0 and not len(side):
            raise InputError(
                f"the {method} split of {len(smiles)} molecules leaves {name} empty:"
                " use more molecules or other fractions"
            )
    train, valid, test = (np.sort(np.asarray(side, np.int64)) for side in sides)
    return Split(train, valid, test, method, None if method == "scaffold" else seed, fractions)


def _check_fractions(fractions: tuple[float, float, float]) -> None:
    if len(fractions) != 3 or min(fractions) < 0 or not math.isclose(sum(fractions), 1.0, abs_tol=1e-6):
        raise InputError(f"fractions {fractions} must be three numbers of at least 0 that sum to 1")


def _random(same: NDArray[np.int64], seed: int, fractions: tuple[float, float, float]) -> Sides:
    """Groups of the same molecule in seeded order, cut where the fractions of all molecules are reached."""
    n = len(same)
    groups, group_of = np.unique(same, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(groups))
    ends = np.cumsum(np.bincount(group_of, minlength=len(groups))[order])
    cuts = np.searchsorted(ends, [round(fractions[0] * n), round((fractions[0] + fractions[1]) * n)], side="right")
    side_of = np.empty(len(groups), np.int64)
    for side, members in enumerate(np.split(order, cuts)):
        side_of[members] = side
    train, valid, test = (np.flatnonzero(side_of[group_of] == side) for side in range(3))
    return train, valid, test


def _by_scaffold(smiles: Sequence[str]) -> list[list[int]]:
    """Molecules of each scaffold, the scaffolds in order of first appearance."""
    members: dict[str, list[int]] = {}
    for i, scaffold in enumerate(murcko_scaffolds(smiles)):
        members.setdefault(scaffold, []).append(i)
    return list(members.values())


def _largest_first(groups: list[list[int]], n: int, fractions: tuple[float, float, float]) -> Sides:
    train_end, valid_end = fractions[0] * n, (fractions[0] + fractions[1]) * n
    train: list[int] = []
    valid: list[int] = []
    test: list[int] = []
    leftover = test if fractions[2] > 0 else valid if fractions[1] > 0 else train
    for group in sorted(groups, key=lambda group: (len(group), group[0]), reverse=True):
        if len(train) + len(group) <= train_end:
            train += group
        elif len(train) + len(valid) + len(group) <= valid_end:
            valid += group
        else:
            leftover += group
    return train, valid, test


def _balanced(groups: list[list[int]], n: int, seed: int, fractions: tuple[float, float, float]) -> Sides:
    train_size, valid_size, test_size = (fraction * n for fraction in fractions)
    large = [group for group in groups if len(group) > valid_size / 2 or len(group) > test_size / 2]
    small = [group for group in groups if len(group) <= valid_size / 2 and len(group) <= test_size / 2]
    shuffle = random.Random(seed).shuffle
    shuffle(large)
    shuffle(small)
    train: list[int] = []
    valid: list[int] = []
    test: list[int] = []
    leftover = test if fractions[2] > 0 else valid if fractions[1] > 0 else train
    for group in [*large, *small]:
        if len(train) + len(group) <= train_size:
            train += group
        elif len(valid) + len(group) <= valid_size:
            valid += group
        else:
            leftover += group
    return train, valid, test
