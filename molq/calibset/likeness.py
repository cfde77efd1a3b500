"""Which molecules of a set are like the library and which are not, and what of the library the set is least like."""

from __future__ import annotations

import numpy as np

from molq.calibset.population import UNKNOWN, Population
from molq.calibset.reference import Reference
from molq.chem.fingerprints import nearest_similarities
from molq.results.validation import Neighbour, SetLikeness

N_CHOSEN = 36
N_UNCOVERED = 6


def likeness(reference: Reference, molecules: Population) -> SetLikeness:
    """Molecules of the set beside their nearest of the library, and the other way round; none beside itself.

    Similarity is Tanimoto's of Morgan fingerprints. Of a set of more than N_CHOSEN molecules as many are named, evenly
    along their order, the most and the least similar among them.
    """
    library = reference.population
    own = library.places_of(molecules)
    others = np.setdiff1d(library.distinct, own[own != UNKNOWN])
    if not len(others):
        return SetLikeness((), ())
    theirs, ours = library.fingerprints[others], molecules.fingerprints
    distinct = molecules.distinct
    to_library, nearest = nearest_similarities(ours[distinct], theirs)
    order = np.argsort(-to_library, kind="stable")
    shown = np.unique(np.linspace(0, len(order) - 1, min(len(order), N_CHOSEN)).round().astype(np.int64))
    chosen = [
        Neighbour(molecules.smiles[distinct[i]], float(to_library[i]), library.smiles[others[nearest[i]]])
        for i in order[shown]
    ]
    to_set, nearest = nearest_similarities(theirs, ours)
    uncovered = [
        Neighbour(library.smiles[others[i]], float(to_set[i]), molecules.smiles[nearest[i]])
        for i in np.argsort(to_set, kind="stable")[:N_UNCOVERED]
    ]
    return SetLikeness(tuple(chosen), tuple(uncovered))
