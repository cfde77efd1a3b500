"""The strata of a library: scaffolds where they are large, ever coarser pools of them where they are small."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.calibset.population import Scaffolds

GRAINS = ("scaffold", "generic", "rings")
"""from fine to coarse"""

_ATOMS_PER_SIZE_CLASS = 5


class Stratum(NamedTuple):
    """Library molecules that share a scaffold, a generic scaffold, or the ring count and size class of a scaffold."""

    grain: str
    """one of GRAINS"""
    name: str
    """the scaffold, the generic scaffold, or "rings/size class\""""
    n_library: int
    generic: str | None
    """generic scaffold, None at grain "rings\""""
    n_rings: int
    n_atoms: int
    """heavy atoms of the scaffold; the middle of the class at grain "rings\""""


def stratify(scaffolds: Scaffolds, size: int) -> list[Stratum]:
    """The strata of a library for a set of ``size`` molecules, fine before coarse, large before small.

    A scaffold with at least 1/size of the library is a stratum of its own; the rest are pooled by generic scaffold, and
    those still below 1/size by number of rings and size class.
    """
    per_scaffold = np.bincount(scaffolds.codes, minlength=len(scaffolds.names))
    threshold = per_scaffold.sum() / size
    remaining = list(range(len(scaffolds.names)))
    strata: list[Stratum] = []
    for grain in GRAINS:
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for i in remaining:
            groups[_name(scaffolds, i, grain)].append(i)
        counts = {name: int(per_scaffold[members].sum()) for name, members in groups.items()}
        kept = [name for name in groups if counts[name] >= threshold or grain == GRAINS[-1]]
        kept_names = set(kept)
        kept.sort(key=lambda name: (-counts[name], name))
        strata.extend(_stratum(scaffolds, grain, name, counts[name], groups[name][0]) for name in kept)
        remaining = [i for name, members in groups.items() if name not in kept_names for i in members]
    return strata


def stratum_of(scaffolds: Scaffolds, strata: list[Stratum]) -> NDArray[np.int64]:
    """The finest stratum that each distinct scaffold [k] falls into, -1 for none."""
    place = {(stratum.grain, stratum.name): i for i, stratum in enumerate(strata)}
    found = np.full(len(scaffolds.names), -1, np.int64)
    for i in range(len(scaffolds.names)):
        keys = ((grain, _name(scaffolds, i, grain)) for grain in GRAINS)
        found[i] = next((place[key] for key in keys if key in place), -1)
    return found


def _name(scaffolds: Scaffolds, i: int, grain: str) -> str:
    if grain == "scaffold":
        return scaffolds.names[i]
    if grain == "generic":
        return scaffolds.generics[i]
    return f"{scaffolds.n_rings[i]}/{scaffolds.n_atoms[i] // _ATOMS_PER_SIZE_CLASS}"


def _stratum(scaffolds: Scaffolds, grain: str, name: str, count: int, example: int) -> Stratum:
    n_rings, n_atoms = int(scaffolds.n_rings[example]), int(scaffolds.n_atoms[example])
    if grain == "rings":
        middle = n_atoms // _ATOMS_PER_SIZE_CLASS * _ATOMS_PER_SIZE_CLASS + _ATOMS_PER_SIZE_CLASS // 2
        return Stratum(grain, name, count, None, n_rings, middle)
    return Stratum(grain, name, count, scaffolds.generics[example], n_rings, n_atoms)
