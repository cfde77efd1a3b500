"""Building a calibration set: pool, strategy and library in, molecules with their coverage out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from molq.calibset.cluster import choose_by_cluster
from molq.calibset.coverage import coverage
from molq.calibset.generic import generic_compounds
from molq.calibset.maxmin import choose_by_maxmin
from molq.calibset.population import Population, populate
from molq.calibset.property import choose_by_property
from molq.calibset.random import choose_random
from molq.calibset.scaffold import choose_by_scaffold
from molq.calibset.spec import CalibrationSpec, ChosenSet
from molq.calibset.strategy import Strategy
from molq.errors import InputError
from molq.progress import SILENT, Progress

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

POOL_SAMPLES = (50_000, 200_000)
"""pool rows looked at first, as a seeded draw; a larger pool is searched further while it leaves a stratum unfilled"""


def build(
    pool: Sequence[str],
    spec: CalibrationSpec,
    library: Sequence[str] | None = None,
    progress: Progress = SILENT,
    workers: int = 1,
    strategy: Strategy | None = None,
) -> ChosenSet:
    """A calibration set of exactly ``spec.size`` distinct molecules of the pool.

    The set stands for ``library``, or for the pool itself when that is None. Library and pool are looked at through
    seeded draws of LIBRARY_SAMPLE and POOL_SAMPLES rows; the pool is searched further, in the end wholly, while it has
    too few molecules of some stratum (``pool_used``, ``library_used``). Molecules that do not parse are counted in the
    coverage (``pool_rejected``, ``library_rejected``) and otherwise ignored. The same pool, library and spec
    give the same set, whatever the order of the rows. The strategy "generic" draws from the embedded compounds, whose
    rows it reports, and leaves the pool to be the library. ``workers`` processes search the pool for scaffolds (a
    script that asks for more than one needs the usual ``__main__`` guard); the set does not depend on them.
    ``strategy`` stands for one that is not of STRATEGIES, such as one that runs a model. Raises InputError for an
    unknown strategy, for a library without molecules, and for a pool with fewer than ``spec.size`` distinct ones.
    """
    strategy = strategy or STRATEGIES.get(spec.strategy)
    if strategy is None:
        known = ", ".join([*STRATEGIES, "activation (with a model)"])
        raise InputError(f"no strategy is called {spec.strategy!r}; choose one of {known}")
    if spec.strategy == "generic":
        pool, library = generic_compounds(), pool if library is None else library
    if library is not None:
        target = populate(library, limit=LIBRARY_SAMPLE, seed=spec.seed, progress=progress)
        _require_library(target)
    for limit in (*(n for n in POOL_SAMPLES if n < len(pool)), None):
        candidates = populate(pool, limit=limit, seed=spec.seed, progress=progress, workers=workers)
        if limit is not None and len(candidates.distinct) < spec.size:
            continue
        _require(candidates, spec)
        if library is None:
            target = candidates.sample(LIBRARY_SAMPLE, np.random.default_rng([spec.seed, 1]))
        choice = strategy(candidates, target, spec.size, np.random.default_rng([spec.seed, 0]))
        if not choice.notes.get("molecules_from_nearest_stratum"):
            break
    counts = {
        "pool_molecules": candidates.n_source,
        "pool_used": len(candidates),
        "pool_rejected": candidates.n_rejected,
    }
    return ChosenSet(
        [candidates.smiles[i] for i in choice.index],
        candidates.rows[choice.index],
        spec,
        coverage(candidates.subset(choice.index), target)
        | {name: float(count) for name, count in counts.items()}
        | choice.notes,
    )


def _require_library(library: Population) -> None:
    if not len(library):
        raise InputError(f"none of the library's {library.n_source} rows is a molecule; check its SMILES column")


def _require(pool: Population, spec: CalibrationSpec) -> None:
    if len(pool.distinct) < spec.size:
        what = "embedded list of compounds" if spec.strategy == "generic" else "pool"
        raise InputError(
            f"asked for {spec.size} molecules, but the {what} holds {len(pool.distinct)} distinct ones that parse "
            f"({pool.n_source} rows, {pool.n_rejected} rejected); lower `size` or name a larger `pool`"
        )
