"""Building a calibration set: pool, strategy and library in, molecules with their coverage out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from molq.calibset.cluster import choose_by_cluster
from molq.calibset.coverage import coverage
from molq.calibset.generic import generic_compounds
from molq.calibset.maxmin import choose_by_maxmin
from molq.calibset.population import Population, Progress, populate
from molq.calibset.property import choose_by_property
from molq.calibset.random import choose_random
from molq.calibset.scaffold import choose_by_scaffold
from molq.calibset.spec import CalibrationSet, CalibrationSpec
from molq.calibset.strategy import Strategy
from molq.errors import InputError

STRATEGIES: dict[str, Strategy] = {
    "random": choose_random,
    "scaffold": choose_by_scaffold,
    "cluster": choose_by_cluster,
    "maxmin": choose_by_maxmin,
    "property": choose_by_property,
    "generic": choose_random,
}

LIBRARY_SAMPLE = 50_000
"""library rows looked at; a larger library is represented by a seeded draw of this many"""


def build(
    pool: Sequence[str],
    spec: CalibrationSpec,
    library: Sequence[str] | None = None,
    progress: Progress | None = None,
    workers: int = 1,
) -> CalibrationSet:
    """A calibration set of exactly ``spec.size`` distinct molecules of the pool.

    The set stands for ``library``, or for the pool itself when that is None. Molecules that do not parse are counted
    in the coverage (``pool_rejected``, ``library_rejected``) and otherwise ignored. The same pool, library and spec
    give the same set, whatever the order of the rows. The strategy "generic" draws from the embedded compounds, whose
    rows it reports, and leaves the pool to be the library. ``workers`` processes search the pool for scaffolds (a
    script that asks for more than one needs the usual ``__main__`` guard); the set does not depend on them. Raises
    InputError for an unknown strategy, for a library without molecules, and for a pool with fewer than ``spec.size``
    distinct ones.
    """
    strategy = STRATEGIES.get(spec.strategy)
    if strategy is None:
        raise InputError(f"no strategy is called {spec.strategy!r}; choose one of {', '.join(STRATEGIES)}")
    if spec.strategy == "generic":
        pool, library = generic_compounds(), pool if library is None else library
    candidates = populate(pool, progress=progress, workers=workers)
    _require(candidates, spec)
    rng = np.random.default_rng([spec.seed, 0])
    if library is None:
        target = candidates.sample(LIBRARY_SAMPLE, np.random.default_rng([spec.seed, 1]))
    else:
        target = populate(library, limit=LIBRARY_SAMPLE, seed=spec.seed, progress=progress)
    if not len(target):
        raise InputError(f"none of the library's {len(library or pool)} rows is a molecule; check its SMILES column")
    choice = strategy(candidates, target, spec.size, rng)
    return CalibrationSet(
        [candidates.smiles[i] for i in choice.index],
        candidates.rows[choice.index],
        spec,
        coverage(candidates.subset(choice.index), target)
        | {"pool_molecules": float(candidates.n_source), "pool_rejected": float(candidates.n_rejected)}
        | choice.notes,
    )


def _require(pool: Population, spec: CalibrationSpec) -> None:
    if len(pool.distinct) < spec.size:
        what = "embedded list of compounds" if spec.strategy == "generic" else "pool"
        raise InputError(
            f"asked for {spec.size} molecules, but the {what} holds {len(pool.distinct)} distinct ones that parse "
            f"({pool.n_source} rows, {pool.n_rejected} rejected); lower --size or name a larger pool"
        )
