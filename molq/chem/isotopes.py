"""Atomic masses by element and isotope, and the way back from a mass to its isotope."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

_PERIODIC_TABLE = Chem.GetPeriodicTable()
MAX_ATOMIC_NUMBER = 118
_HEAVIEST_KNOWN = 400


def atomic_mass(atomic_number: int, isotope: int = 0) -> float:
    """Mass in u, as RDKit's ``Atom.GetMass`` gives it: an isotope nobody has measured weighs its number."""
    if isotope == 0 or atomic_number == 0:
        return float(_PERIODIC_TABLE.GetAtomicWeight(atomic_number))
    return float(_PERIODIC_TABLE.GetMassForIsotope(atomic_number, isotope)) or float(isotope)


def packed_isotope(atomic_number: int, isotope: int) -> int:
    """``isotope``, or 0 when its mass is the element's default one (so the feature rows are the same)."""
    if isotope == 0 or atomic_mass(atomic_number, isotope) == atomic_mass(atomic_number):
        return 0
    key = np.float32(atomic_mass(atomic_number, isotope))
    return 0 if key == np.float32(atomic_mass(atomic_number)) else isotope


def default_masses() -> NDArray[np.float32]:
    """Default masses [119] in u, row = atomic number."""
    return np.array([atomic_mass(z) for z in range(MAX_ATOMIC_NUMBER + 1)], np.float32)


@cache
def isotopes_by_mass(atomic_number: int) -> dict[float, int]:
    """Isotope of each float32 mass / 100 of one element, for the isotopes that RDKit has masses of."""
    isotopes = range(1, _HEAVIEST_KNOWN)
    masses = np.array([atomic_mass(atomic_number, i) for i in isotopes], np.float32) / np.float32(100)
    return dict(zip(masses.tolist(), isotopes, strict=True))
