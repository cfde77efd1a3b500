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
        few = "is only 1 molecule" if len(places) == 1 else f"are only {len(places):,} molecules"
        return [Chosen(molecules[i]) for i in places], _too_few(few, len(places), size)
    clusters = butina(smiles)
    _, first, sizes = np.unique(clusters, return_index=True, return_counts=True)
    chosen = [
        Chosen(molecules[i], cluster, int(n))
        for cluster, (i, n) in enumerate(zip(first.tolist(), sizes, strict=True), 1)
    ]
    few = "is only 1 group" if len(chosen) == 1 else f"are only {len(chosen):,} groups"
    return chosen[:size], _too_few(f"{few} of similar molecules", len(chosen), size)


def _too_few(few: str, n: int, size: int) -> list[str]:
    return [] if n >= size else [f"there {few}, and so no {size:,} hits; a larger `top` brings more"]
