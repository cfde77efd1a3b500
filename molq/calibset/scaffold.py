"""Scaffold sampling: the library's scaffolds in proportion, its property profile within them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.calibset.allocation import allocate
from molq.calibset.matching import Marginals, match
from molq.calibset.population import Population, Scaffolds
from molq.calibset.strata import Stratum, stratify, stratum_of
from molq.calibset.strategy import Choice

_CANDIDATES_PER_PLACE = 4


class Candidates(NamedTuple):
    """Pool molecules offered for the places of each stratum."""

    molecules: NDArray[np.int64]
    """[m] places in the pool, ascending"""
    strata: NDArray[np.int64]
    """[m] the stratum each is offered for"""
    n_borrowed: int
    """places that the nearest molecules of other strata must fill"""


def choose_by_scaffold(pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
    """Molecules spread over the library's scaffold strata in proportion, matched to its property profile.

    Where the pool has too few molecules of a stratum, its places go to the nearest of the molecules that no other
    stratum is short of: the same generic scaffold first, then the nearest number of rings, then the nearest size.
    """
    strata = stratify(library.scaffolds, size)
    places = allocate([stratum.n_library for stratum in strata], size)
    distinct = rng.permutation(pool.distinct)
    home = stratum_of(pool.scaffolds, strata)[pool.scaffolds.codes[distinct]]
    candidates = _candidates(distinct, home, places, strata, pool.scaffolds)

    marginals = Marginals(library, int(rng.integers(2**31)))
    pooled = np.array([stratum.grain != "scaffold" for stratum in strata])
    kinds = np.where(pooled[candidates.strata], pool.scaffolds.codes[candidates.molecules], -1)
    rows = marginals.rows(pool.subset(candidates.molecules))
    found = match(rows, marginals.target, candidates.strata, places, kinds)
    notes: dict[str, int] = {
        "strata": len(strata),
        "strata_with_places": int(np.count_nonzero(places)),
        "strata_missing_in_pool": int(np.count_nonzero(places))
        - len(np.unique(home[(home >= 0) & (places[home] > 0)])),
        "molecules_from_nearest_stratum": candidates.n_borrowed,
    }
    return Choice(candidates.molecules[found], {name: float(value) for name, value in notes.items()})


def _candidates(
    distinct: NDArray[np.int64],
    home: NDArray[np.int64],
    places: NDArray[np.int64],
    strata: list[Stratum],
    scaffolds: Scaffolds,
) -> Candidates:
    """At least ``places[s]`` candidates for every stratum s, each molecule offered once.

    distinct [d] the pool's molecules in random order, home [d] the stratum of each or -1.
    """
    order = np.argsort(home, kind="stable")
    sorted_home = home[order]
    first = np.searchsorted(sorted_home, np.arange(len(places)))
    rank = np.full(len(home), len(home))
    rank[order] = np.arange(len(home)) - np.where(sorted_home >= 0, first[sorted_home], -len(home))
    n_members = np.bincount(home[home >= 0], minlength=len(places))

    offered_for = np.where((home >= 0) & (rank < _CANDIDATES_PER_PLACE * places[home]), home, -1)
    spare = np.flatnonzero((home < 0) | (rank >= places[home]))
    missing = np.maximum(places - n_members, 0)
    still_missing = int(missing.sum())
    for s in np.flatnonzero(missing):
        distance = _distance(strata[s], scaffolds)[scaffolds.codes[distinct[spare]]]
        nearest = np.argsort(distance, kind="stable")
        n_equal = int(np.count_nonzero(distance <= distance[nearest[missing[s] - 1]]))
        n_affordable = missing[s] + len(spare) - still_missing
        n_taken = min(n_equal, _CANDIDATES_PER_PLACE * int(missing[s]), int(n_affordable))
        offered_for[spare[nearest[:n_taken]]] = s
        spare = np.delete(spare, nearest[:n_taken])
        still_missing -= int(missing[s])

    offered = np.flatnonzero(offered_for >= 0)
    offered = offered[np.argsort(distinct[offered])]
    return Candidates(distinct[offered], offered_for[offered], int(missing.sum()))


def _distance(stratum: Stratum, scaffolds: Scaffolds) -> NDArray[np.int64]:
    """How far each distinct scaffold [k] is from a stratum: generic scaffold, then rings, then size."""
    other_generic = np.array([generic != stratum.generic for generic in scaffolds.generics], np.int64)
    rings = np.minimum(np.abs(scaffolds.n_rings - stratum.n_rings), 999)
    atoms = np.minimum(np.abs(scaffolds.n_atoms - stratum.n_atoms), 999)
    distance: NDArray[np.int64] = other_generic * 1_000_000 + rings * 1_000 + atoms
    return distance
