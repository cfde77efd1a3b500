"""Look-up tables: a layer's output for every descriptor met so far, in float32.

A row is computed on its own in float64 and rounded once, so it does not depend on which rows are filled together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.chem.features import FeatureTable
from molq.chem.packed import BOND_FIELDS
from molq.engine import kernels
from molq.engine.environments import Level
from molq.engine.product import table_weight
from molq.engine.walk import N_BOND_CODES

F32 = NDArray[np.float32]
_SLACK = 16384
"""rows of a level beyond its capacity: what a block of molecules may add before the rare ones go"""


class GrowingRows:
    """A 2-D array that takes more rows without copying each time."""

    def __init__(self, width: int, dtype: Any, n: int = 256) -> None:
        self._rows = np.empty((n, width), dtype)
        self.n = 0

    @property
    def array(self) -> NDArray[Any]:
        """The rows so far [n, width]."""
        return self._rows[: self.n]

    def extend(self, n: int) -> NDArray[Any]:
        """A view of rows self.n to ``n``, newly made, to be filled."""
        if n > len(self._rows):
            more = np.empty((2 * n, self._rows.shape[1]), self._rows.dtype)
            more[: self.n] = self.array
            self._rows = more
        first, self.n = self.n, n
        return self._rows[first:n]


class LevelRows(GrowingRows):
    """One float32 row per environment of a level.

    All that the level may hold is set aside at once: the system gives memory for a row when it is first written, and
    rows that never move cost neither copies nor twice their memory.
    """

    def __init__(self, level: Level, d: int) -> None:
        super().__init__(d, np.float32, level.capacity + _SLACK)
        self._level, self._epoch = level, 0

    def new(self) -> NDArray[Any]:
        """A view of rows [m, d] for the level's new environments, to be filled; the others keep their rows."""
        if self._epoch != self._level.epoch:
            self._epoch, self.n = self._level.epoch, len(self._level.kept)
            kernels.compact(self._rows, self._level.kept)
        return self.extend(self._level.n)


class AtomTable:
    """Row r is the layer's output for atom descriptor r of the vocabulary."""

    def __init__(self, layer: Any, features: FeatureTable) -> None:
        self._weight, self._bias = table_weight(layer)
        self._features = features
        self._rows = GrowingRows(len(self._weight), np.float32)

    def rows(self, atoms: NDArray[np.uint64]) -> F32:
        """The table [len(atoms), d] for all atom descriptors of the vocabulary."""
        if self._rows.n < len(atoms):
            new = self._features.atoms(atoms[self._rows.n :])
            self._rows.extend(len(atoms))[:] = exact_rows(self._weight, self._bias, new)
        return self._rows.array


def bond_table(layer: Any, features: FeatureTable) -> F32:
    """The layer's output for every bond descriptor [256, d]; rows of descriptors that cannot occur are NaN."""
    weight, bias = table_weight(layer)
    codes = _valid_bond_codes()
    table = np.full((N_BOND_CODES, len(weight)), np.nan, np.float32)
    table[codes] = exact_rows(weight, bias, features.bonds(codes))
    return table


def exact_rows(weight: NDArray[np.float64], bias: NDArray[np.float64], x: F32) -> F32:
    """x·Wᵀ + b [m, d], each row for itself in float64, rounded once."""
    out = np.empty((len(x), len(weight)), np.float32)
    for i, row in enumerate(x.astype(np.float64)):
        out[i] = weight @ row + bias
    return out


def _valid_bond_codes() -> NDArray[np.uint16]:
    limits = {"type": 5, "conjugated": 2, "ring": 2, "stereo": 7}
    grid = np.meshgrid(*(np.arange(limits[name]) for name in BOND_FIELDS), indexing="ij")
    code = sum(axis << field.shift for axis, field in zip(grid, BOND_FIELDS.values(), strict=True))
    return np.asarray(code, np.uint16).ravel()
