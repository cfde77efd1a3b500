"""What a statistic's value means for a chemist, and what to do when it is a fault."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.calibset.encoding import Encoded
from molq.calibset.population import Population
from molq.calibset.reference import Reference
from molq.chem.elements import element_symbol
from molq.chem.packed import CHARGE_OFFSET
from molq.chem.properties import PROPERTIES
from molq.results.validation import Missing

_N_LISTED = 5
_REBUILD = "`molq calibset build {library} --strategy {strategy} --size {size} -o NEW.csv`"
_WASSERSTEIN = "wasserstein_"


def missing(reference: Reference, chosen: Population) -> Missing:
    """The elements, atomic charges and scaffolds of the library that the set lacks."""
    library = reference.population
    scaffolds = library.scaffolds
    held = set(chosen.scaffolds.names)
    share = np.bincount(scaffolds.codes, minlength=len(scaffolds.names)) / len(library)
    absent = [(name, float(share[i])) for i, name in enumerate(scaffolds.names) if name not in held]
    return Missing(
        elements=tuple((element_symbol(z), s) for z, s in _absent(library.elements, chosen.elements)),
        charges=tuple((f"{c - CHARGE_OFFSET:+d}", s) for c, s in _absent(library.charges, chosen.charges)),
        scaffolds=tuple(sorted(absent, key=lambda pair: (-pair[1], pair[0]))[:_N_LISTED]),
    )


def finding(name: str, lacks: Missing, reference: Reference, chosen: Encoded) -> str:
    """One clause that says what is wrong, "" where the numbers alone must speak."""
    if name == "element_coverage":
        return _listed("the set has no", lacks.elements)
    if name == "charge_coverage":
        return _listed("the set has no atom of charge", lacks.charges)
    if name == "scaffold_coverage":
        return _listed("largest scaffolds absent:", [(s or "acyclic molecules", share) for s, share in lacks.scaffolds])
    if name.startswith(_WASSERSTEIN):
        column = PROPERTIES.index(name.removeprefix(_WASSERSTEIN))
        ours, theirs = chosen.profile[:, column], reference.compared.library.profile[:, column]
        return f"mean {ours.mean():.4g} in the set, {theirs.mean():.4g} in the library"
    return {
        "generic_scaffold_coverage": "whole families of ring frameworks are absent",
        "ring_coverage": "ring counts of the library are absent",
        "atom_type_coverage": "kinds of atoms (element, charge, hydrogens, hybridization) are absent",
        "nearest_neighbour_tanimoto": "library molecules are far from every molecule of the set",
        "mmd_tanimoto": "the substructures of the set are distributed unlike the library's",
        "classifier_auc": "a classifier tells the set from the library",
    }.get(name, "")


def remedy(name: str, size: int, library: str) -> str:
    """What to do about a fault in this statistic; ``library`` names it on a command line, quoted if need be."""
    rebuild = _REBUILD.format(library=library, strategy="scaffold", size=size)
    larger = _REBUILD.format(library=library, strategy="scaffold", size=2 * size)
    if name in ("element_coverage", "charge_coverage"):
        return f"draw the set from a pool that holds them, best from the library itself: {rebuild}"
    if name in ("scaffold_coverage", "generic_scaffold_coverage", "ring_coverage"):
        return f"choose by scaffold, from a pool that holds these scaffolds, best from the library itself: {rebuild}"
    if name in ("atom_type_coverage", "nearest_neighbour_tanimoto"):
        return f"choose from the library, and more molecules if that is not enough: {larger}"
    if name.startswith(_WASSERSTEIN):
        return f"match the property profile: {_REBUILD.format(library=library, strategy='property', size=size)}"
    return f"the set holds other chemistry than the library; choose from the library itself: {rebuild}"


def _absent(theirs: NDArray[np.bool_], ours: NDArray[np.bool_]) -> list[tuple[int, float]]:
    """Columns that some row of ``theirs`` holds and none of ``ours``, with the share of rows, largest first."""
    share = theirs.mean(axis=0)
    columns = np.flatnonzero((share > 0) & ~ours.any(axis=0))
    return [(int(c), float(share[c])) for c in sorted(columns, key=lambda c: (-share[c], c))]


def _listed(lead: str, items: Sequence[tuple[str, float]]) -> str:
    if not items:
        return ""
    text = ", ".join(f"{name} ({share:.1%} of the library)" for name, share in items[:_N_LISTED])
    more = len(items) - _N_LISTED
    return f"{lead} {text}" + (f" and {more} more" if more > 0 else "")
