"""The library on which the hit lists of a study's variants are compared; it needs no labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.workflows.compare.sources import library_smiles

SAMPLE = 10_000


class HitLibrary(NamedTuple):
    """Graphs of a library, or of a seeded draw of a large one."""

    name: str
    n_rows: int
    n_rejected: int
    """of the rows drawn"""
    graphs: PackedGraphs

    def record(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "name": self.name,
            "rows": self.n_rows,
            "molecules_used": self.graphs.n_mols,
            "rejected": self.n_rejected,
        }


def hit_library(source: str, *, seed: int = 0, progress: Callable[[int, int | None], None] | None = None) -> HitLibrary:
    """The library of that name or file; of one with more than SAMPLE rows, as many drawn at random, in file order."""
    smiles = library_smiles(source, progress=progress)
    drawn = smiles
    if len(smiles) > SAMPLE:
        chosen = np.sort(np.random.default_rng(seed).choice(len(smiles), SAMPLE, replace=False))
        drawn = [smiles[i] for i in chosen]
    featurized = featurize(drawn)
    return HitLibrary(source, len(smiles), len(featurized.rejected), featurized.graphs)
