"""What computes one named molecule feature."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molq.chem.molecule import asked

F64 = NDArray[np.float64]


class Failure(NamedTuple):
    """Why a molecule has no such feature."""

    reason: str


class Generator(NamedTuple):
    """k numbers of every molecule; those that are not defined are NaN."""

    columns: tuple[str, ...]
    """what the k numbers are called"""
    row: Callable[[Chem.Mol], F64 | Failure]
    """of one molecule [k]"""
    finish: Callable[[F64], F64] = lambda rows: rows
    """what becomes of the rows [n, k] of many"""


def each(descriptors: Iterable[tuple[str, Callable[[Chem.Mol], float]]], mol: Chem.Mol) -> F64 | Failure:
    """The value of every descriptor, or the complaint of the first on which RDKit raises."""
    values = []
    for name, function in descriptors:
        value, complaint = asked(function, mol)
        if value is None:
            return Failure(f"RDKit's descriptor {name} fails: {complaint}")
        values.append(value)
    return np.array(values, np.float64)
