"""A library described once, with the null distribution of every statistic: random draws from the library itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molq.calibset.aspect import Aspect
from molq.calibset.encoding import LibraryEncoder
from molq.calibset.population import UNKNOWN, Population, populate
from molq.calibset.statistics import STATISTICS, Compared, Statistic
from molq.errors import InputError
from molq.progress import SILENT, Progress

LIBRARY_SAMPLE = 20_000
"""library rows looked at; a larger library is represented by a seeded draw of this many"""

N_DRAWS = 400

_COMPARED_SAMPLE = 2_000
_LEAST_MOLECULES = 20


@dataclass(frozen=True)
class Reference:
    """A library that sets can be validated against."""

    population: Population
    encoder: LibraryEncoder
    compared: Compared
    seed: int


@dataclass(frozen=True)
class Null:
    """Every statistic for random draws of one size from the library."""

    size: int
    """molecules in a draw"""
    values: NDArray[np.float64]
    """[draws, statistics]"""
    statistics: tuple[Statistic, ...] = STATISTICS


def describe(
    library: Sequence[str], seed: int = 0, progress: Progress = SILENT, limit: int = LIBRARY_SAMPLE
) -> Reference:
    """The library's features, computed on at most ``limit`` rows.

    Raises InputError for a library with fewer than 20 distinct molecules that parse.
    """
    population = populate(library, limit=limit, seed=seed, progress=progress)
    if len(population.distinct) < _LEAST_MOLECULES:
        raise InputError(
            f"the library holds {len(population.distinct)} distinct molecules that parse ({population.n_source} rows); "
            f"validation needs {_LEAST_MOLECULES} or more"
        )
    encoder = LibraryEncoder(population)
    encoded = encoder.encode(population)
    rng = np.random.default_rng([seed, 2])
    sample = rng.permutation(len(population))[:_COMPARED_SAMPLE]
    return Reference(population, encoder, Compared(encoded, sample, seed), seed)


def draw_size(reference: Reference, molecules: Population) -> int:
    """Molecules in the draws that a set is held against: as many as it has, but at most half the library.

    A set that holds more than half the library's own molecules is held against draws that hold as many, so that both
    leave equally much of the library to be compared with.
    """
    own = reference.population.places_of(molecules)
    return min(len(molecules), max(len(reference.population.distinct) // 2, len(np.unique(own[own != UNKNOWN]))))


def draw_null(
    reference: Reference,
    size: int,
    n_draws: int = N_DRAWS,
    progress: Progress = SILENT,
    aspect: Aspect | None = None,
) -> Null:
    """The statistics of ``n_draws`` random draws of ``size`` molecules, without replacement.

    With an ``aspect``, they have its statistics too.
    """
    library = reference.compared.library
    rng = np.random.default_rng([reference.seed, 3])
    values = []
    for done in range(1, n_draws + 1):
        index = rng.choice(len(library), size, replace=False)
        chemistry = reference.compared.statistics(library.take(index))
        values.append(chemistry if aspect is None else np.concatenate([chemistry, aspect.of_draw(index)]))
        progress.step(done, n_draws)
    return Null(size, np.array(values), STATISTICS if aspect is None else STATISTICS + aspect.statistics)
