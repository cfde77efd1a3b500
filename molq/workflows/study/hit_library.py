"""The library on which the hit lists of a study's variants are compared; it needs no labels."""

from __future__ import annotations

from typing import NamedTuple

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.chem.recipe import Recipe
from molq.data.draw import draw
from molq.data.sources import represented_smiles
from molq.progress import SILENT, Progress
from molq.results.study import LibrarySection
from molq.urls import seen

SAMPLE = 10_000


class HitLibrary(NamedTuple):
    """Graphs of a library by the recipe of a network, or of a seeded draw of a large one."""

    name: str
    n_rows: int
    n_rejected: int
    """of the rows drawn"""
    smiles: list[str]
    """of the graphs"""
    graphs: PackedGraphs

    @property
    def section(self) -> LibrarySection:
        """What a study says of it."""
        return LibrarySection(self.name, self.n_rows, self.graphs.n_mols, self.n_rejected)


def hit_library(source: str, recipe: Recipe, *, seed: int = 0, progress: Progress = SILENT) -> HitLibrary:
    """The library of that name or file; of one with more than SAMPLE rows, as many drawn at random, in file order."""
    smiles = represented_smiles(source, seed=seed, progress=progress)
    drawn = [smiles[i] for i in draw(len(smiles), SAMPLE, seed)]
    featurized = featurize(drawn, recipe=recipe)
    kept = [drawn[i] for i in featurized.index]
    return HitLibrary(seen(source), len(smiles), len(featurized.rejected), kept, featurized.graphs)
