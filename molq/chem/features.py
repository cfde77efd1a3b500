"""Feature rows of packed atoms and bonds: chemprop's named feature sets, as functions of the descriptor alone.

The layouts are those of chemprop 2.3 (MultiHotAtomFeaturizer v1, v2, organic; RIGRAtomFeaturizer), bit for bit in
float32.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.isotopes import atomic_mass
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, CHARGE_OFFSET, HYBRIDIZATIONS, Field
from molq.errors import UnsupportedError

FEATURE_SETS = ("V1", "V2", "ORGANIC", "RIGR")

_ELEMENTS = {
    "V1": tuple(range(1, 101)),
    "V2": (*range(1, 37), 53),
    "ORGANIC": (1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53),
    "RIGR": (*range(1, 37), 53),
}
_HYBRIDIZATION = {
    "V1": ("SP", "SP2", "SP3", "SP3D", "SP3D2"),
    "V2": HYBRIDIZATIONS,
    "ORGANIC": ("S", "SP", "SP2", "SP3"),
}
_CHARGES = (-1, -2, 1, 2, 0)


class _OneHot(NamedTuple):
    """Columns of one property: ``column[value]`` is where its 1 stands; the last column is for any other value."""

    field: Field
    column: NDArray[np.int64]
    width: int


class FeatureTable:
    """Maps descriptors to the float32 feature rows of one feature set. Raises UnsupportedError for an unknown name."""

    def __init__(self, name: str) -> None:
        if name not in FEATURE_SETS:
            raise UnsupportedError(f"unknown feature set {name!r}; choose one of {', '.join(FEATURE_SETS)}")
        self.name = name
        self._one_hots = _atom_one_hots(name)
        self._flags_aromatic = name != "RIGR"
        self.d_v: int = sum(h.width for h in self._one_hots) + self._flags_aromatic + 1
        self.d_e: int = 2 if name == "RIGR" else 14
        self._bond_rows = _bond_rows(name)

    def atoms(self, descriptors: NDArray[np.uint64]) -> NDArray[np.float32]:
        """Feature rows [k, d_v] of atom descriptors [k]."""
        unique, inverse = np.unique(np.asarray(descriptors, np.uint64), return_inverse=True)
        return self._atom_rows(unique)[inverse]

    def bonds(self, descriptors: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Feature rows [k, d_e] of bond descriptors [k]; both directions of a bond have the same row."""
        return self._bond_rows[np.asarray(descriptors, np.uint16)]

    def _atom_rows(self, descriptors: NDArray[np.uint64]) -> NDArray[np.float32]:
        rows = np.zeros((len(descriptors), self.d_v), np.float32)
        each = np.arange(len(descriptors))
        start = 0
        for one_hot in self._one_hots:
            rows[each, start + one_hot.column[_values(descriptors, one_hot.field)]] = 1
            start += one_hot.width
        if self._flags_aromatic:
            rows[:, start] = _values(descriptors, ATOM_FIELDS["aromatic"])
        atomic_number = _values(descriptors, ATOM_FIELDS["atomic_number"])
        isotope = _values(descriptors, ATOM_FIELDS["isotope"])
        rows[:, -1] = [0.01 * atomic_mass(z, i) for z, i in zip(atomic_number.tolist(), isotope.tolist(), strict=True)]
        return rows


def _values(descriptors: NDArray[np.unsignedinteger], field: Field) -> NDArray[np.int64]:
    return (descriptors.astype(np.int64) >> field.shift) & ((1 << field.width) - 1)


def _atom_one_hots(name: str) -> tuple[_OneHot, ...]:
    charges = [charge + CHARGE_OFFSET for charge in _CHARGES]
    atomic_number = _one_hot("atomic_number", _ELEMENTS[name])
    degree, hydrogens = _one_hot("degree", range(6)), _one_hot("hydrogens", range(5))
    if name == "RIGR":
        return atomic_number, degree, hydrogens
    hybridization = _one_hot("hybridization", [HYBRIDIZATIONS.index(h) for h in _HYBRIDIZATION[name]])
    return atomic_number, degree, _one_hot("charge", charges), _one_hot("chiral", range(4)), hydrogens, hybridization


def _one_hot(name: str, choices: range | tuple[int, ...] | list[int]) -> _OneHot:
    field = ATOM_FIELDS[name]
    column = np.full(1 << field.width, len(choices))
    column[list(choices)] = np.arange(len(choices))
    return _OneHot(field, column, len(choices) + 1)


def _bond_rows(name: str) -> NDArray[np.float32]:
    """Rows [256, d_e] of every bond descriptor; column 0, chemprop's mark of a missing bond, stays 0."""
    descriptors = np.arange(256, dtype=np.uint16)
    kind, conjugated, ring, stereo = (_values(descriptors, BOND_FIELDS[f]) for f in BOND_FIELDS)
    if name == "RIGR":
        return np.stack([np.zeros(256), ring], axis=1).astype(np.float32)
    rows = np.zeros((256, 14), np.float32)
    known = np.flatnonzero((kind >= 1) & (kind <= 4))
    rows[known, kind[known]] = 1
    rows[:, 5], rows[:, 6] = conjugated, ring
    rows[descriptors, 7 + np.minimum(stereo, 6)] = 1
    return rows
