"""Molecules as rows of numbers in the terms of a library, ready to be compared by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from molq.calibset.population import UNKNOWN, Population
from molq.chem.properties import PROPERTIES


@dataclass(frozen=True)
class Encoded:
    """n molecules in the terms of a library."""

    molecules: NDArray[np.int64]
    """[n] which library molecule it is, copies the first, or UNKNOWN"""
    scaffolds: NDArray[np.int64]
    """[n] scaffold code, or UNKNOWN"""
    generics: NDArray[np.int64]
    """[n] generic scaffold code, or UNKNOWN"""
    rings: NDArray[np.int64]
    """[n] code of the pair (rings, aromatic rings), or UNKNOWN"""
    elements: NDArray[np.bool_]
    """[n, 120] holds the element"""
    charges: NDArray[np.bool_]
    """[n, 32] holds an atom of formal charge (column - 16)"""
    atom_types: NDArray[np.bool_]
    """[n, v] holds the atom descriptor, for the v descriptors of the library"""
    profile: NDArray[np.float64]
    """[n, p] properties"""
    fingerprints: NDArray[np.uint8]
    """[n, 256] packed Morgan bits"""

    def __len__(self) -> int:
        return len(self.molecules)

    def take(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Encoded:
        """The molecules ``index`` alone."""
        return replace(self, **{f.name: getattr(self, f.name)[index] for f in fields(self)})


class LibraryEncoder:
    """Knows the molecules, scaffolds, ring pairs and atom descriptors of a library."""

    def __init__(self, library: Population) -> None:
        self.scaffolds = library.scaffolds.names
        self.generics = sorted(set(library.scaffolds.generics))
        self.atom_types = np.unique(library.graphs.atoms)
        self._library = library
        self._scaffolds = _places(self.scaffolds)
        self._generics = _places(self.generics)
        self._rings = _places(sorted(set(_ring_pairs(library))))

    def encode(self, molecules: Population) -> Encoded:
        """Features of every molecule, in order."""
        scaffolds = molecules.scaffolds
        return Encoded(
            molecules=self._library.same if molecules is self._library else self._library.places_of(molecules),
            scaffolds=_codes(self._scaffolds, scaffolds.names)[scaffolds.codes],
            generics=_codes(self._generics, scaffolds.generics)[scaffolds.codes],
            rings=_codes(self._rings, _ring_pairs(molecules)),
            elements=molecules.elements,
            charges=molecules.charges,
            atom_types=self._hold_atom_types(molecules),
            profile=molecules.profile,
            fingerprints=molecules.fingerprints,
        )

    def _hold_atom_types(self, molecules: Population) -> NDArray[np.bool_]:
        graphs = molecules.graphs
        owner = np.repeat(np.arange(len(molecules)), np.diff(graphs.atom_ptr))
        place = np.minimum(np.searchsorted(self.atom_types, graphs.atoms), len(self.atom_types) - 1)
        known = self.atom_types[place] == graphs.atoms
        held = np.zeros((len(molecules), len(self.atom_types)), np.bool_)
        held[owner[known], place[known]] = True
        return held


def _ring_pairs(molecules: Population) -> list[str]:
    columns = [PROPERTIES.index("rings"), PROPERTIES.index("aromatic_rings")]
    return [f"{int(rings)}/{int(aromatic)}" for rings, aromatic in molecules.profile[:, columns]]


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


def _codes(places: dict[str, int], names: Sequence[str]) -> NDArray[np.int64]:
    return np.array([places.get(name, UNKNOWN) for name in names], np.int64)
