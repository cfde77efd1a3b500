"""How much of a library a set of molecules covers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from molq.calibset.population import UNKNOWN, Population


def coverage(chosen: Population, library: Population) -> dict[str, float]:
    """Fractions of the library's molecules that a set covers, and how many molecules they were counted on.

    ``scaffold`` and ``generic_scaffold``: molecules whose Bemis–Murcko scaffold the set holds; ``element``: molecules
    all of whose elements the set holds. Each library molecule counts once, so a scaffold weighs what stands behind it;
    molecules of the set itself do not count, as in ``validate``. All are 1 when nothing else is in the library.
    """
    rest = chosen.places_of(library) == UNKNOWN
    theirs, ours = library.scaffolds, chosen.scaffolds
    codes = theirs.codes[rest]
    return {
        "scaffold": _share_held(theirs.names, codes, ours.names),
        "generic_scaffold": _share_held(theirs.generics, codes, ours.generics),
        "element": _share_within(library.elements[rest], chosen.elements),
        "library_molecules": float(library.n_source),
        "library_used": float(len(library)),
        "library_rejected": float(library.n_rejected),
    }


def _share_held(names: list[str], codes: NDArray[np.int64], held: Iterable[str]) -> float:
    """Share of ``codes`` [n] whose name [k] is among those held."""
    among = set(held)
    return float(np.array([name in among for name in names], np.bool_)[codes].mean()) if len(codes) else 1.0


def _share_within(theirs: NDArray[np.bool_], ours: NDArray[np.bool_]) -> float:
    """Share of the rows of ``theirs`` [n, v] whose every True column is True in some row of ``ours`` [m, v]."""
    return float(1 - theirs[:, ~ours.any(axis=0)].any(axis=1).mean()) if len(theirs) else 1.0
