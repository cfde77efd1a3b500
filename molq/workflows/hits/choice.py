"""Which of the considered molecules are listed: all, or some that are unlike each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from molq.chem.selection.clusters import butina, weighted_maxmin
from molq.workflows.hits.considered import Molecule


class Chosen(NamedTuple):
    """A molecule that is listed."""

    molecule: Molecule
    cluster: int | None = None
    """1 that of the best molecule"""
    cluster_size: int | None = None


def diverse(
    molecules: Sequence[Molecule], size: int, by: Literal["cluster", "maxmin"]
) -> tuple[list[Chosen], list[str]]:
    """At most ``size`` of the molecules, which are best first, in their order, and what a user should know of it."""
    smiles = [molecule.row.smiles for molecule in molecules]
    if by == "maxmin":
        places = sorted(weighted_maxmin(smiles, size).tolist())
        return [Chosen(molecules[i]) for i in places], []
    clusters = butina(smiles)
    _, first, sizes = np.unique(clusters, return_index=True, return_counts=True)
    chosen = [
        Chosen(molecules[i], cluster, int(n))
        for cluster, (i, n) in enumerate(zip(first.tolist(), sizes, strict=True), 1)
    ]
    return chosen[:size], _too_few(len(chosen), size)


def _too_few(n_clusters: int, size: int) -> list[str]:
    if n_clusters >= size:
        return []
    groups = "1 group" if n_clusters == 1 else f"{n_clusters:,} groups"
    return [f"there are only {groups} of similar molecules, and so no {size:,} hits; a larger `top` brings more"]
