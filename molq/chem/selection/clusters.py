"""Groups of similar molecules, and choices that are unlike each other, of a list that is best first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.chem.fingerprints import packed_morgan_fingerprints, tanimoto

SIMILAR = 0.4
"""Tanimoto similarity, Morgan radius 2, from which molecules are put into one cluster; random pairs lie below 0.25"""
_BLOCK = 256


def butina(smiles: Sequence[str], similar: float = SIMILAR) -> NDArray[np.int64]:
    """[n] the cluster of each molecule, 0 that of the first; clusters are numbered by their first molecule.

    The molecule with the most neighbours, which are those at least so ``similar``, makes a cluster with them; then the
    one with the next most that is in none, with those that are in none; of equals the earlier. Memory does not grow
    with n². Source: Butina, J. Chem. Inf. Comput. Sci. 39, 747 (1999).
    """
    fingerprints = packed_morgan_fingerprints(smiles)
    bound = np.float32(similar)
    blocks = range(0, len(smiles), _BLOCK)
    counts = [(tanimoto(fingerprints[i : i + _BLOCK], fingerprints) >= bound).sum(axis=1) for i in blocks]
    order = np.argsort(-np.concatenate([np.zeros(0, np.int64), *counts]), kind="stable")
    centre = np.full(len(smiles), -1, np.int64)
    for i in order.tolist():
        if centre[i] >= 0:
            continue
        free = np.flatnonzero(centre < 0)
        near = tanimoto(fingerprints[i : i + 1], fingerprints[free])[0] >= bound
        centre[free[near]] = i
        centre[i] = i
    _, first, inverse = np.unique(centre, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def weighted_maxmin(smiles: Sequence[str], size: int) -> NDArray[np.int64]:
    """Places [size] of molecules that are unlike each other and stand high in the list, in the order of picking.

    The first is the best; each next one has the largest product of Tanimoto distance to the nearest of those picked
    (Morgan radius 2) and weight, which falls evenly from 1 for the first of the list to 1/n for the last.
    """
    fingerprints = packed_morgan_fingerprints(smiles)
    n = len(smiles)
    weights = 1 - np.arange(n) / n
    distances = np.ones(n)
    picked: list[int] = []
    for _ in range(min(size, n)):
        values = distances * weights
        values[picked] = -1
        picked.append(int(values.argmax()))
        last = fingerprints[picked[-1] : picked[-1] + 1]
        distances = np.minimum(distances, 1 - tanimoto(last, fingerprints)[0])
    return np.array(picked, np.int64)
