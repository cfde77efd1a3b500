"""The statistics that say how far a set of molecules lies from a library."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.calibset.encoding import Encoded
from molq.calibset.population import UNKNOWN
from molq.calibset.two_sample import classifier_auc, mean_of_pairs, mmd
from molq.chem.fingerprints import tanimoto
from molq.chem.properties import PROPERTIES
from molq.errors import InputError

_FOLDED_BITS = 256
_CLASSIFIER_MOLECULES = 400
_LEAST_LEFT = 10


class Statistic(NamedTuple):
    """One way to see how well a set stands for a library."""

    name: str
    label: str
    larger_is_worse: bool
    least_deviation: float
    """a deviation too small to matter: the spread of random draws is never taken for less"""
    group: str = "chemistry"
    unit: str = ""
    """``%`` for a share from 0 to 1"""
    kind: str | None = None
    """what statistics of several places have in common; None for one that stands alone"""
    log_floor: float | None = None
    """draws are compared by decimal logarithms, with values raised to at least this; None for values as they are.
    ``least_deviation`` is on that scale"""

    def comparable(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values on the scale on which random draws are compared."""
        return values if self.log_floor is None else np.log10(np.maximum(values, self.log_floor))


PROPERTY_LABELS = {
    "heavy_atoms": "heavy atoms",
    "mol_weight": "molecular weight",
    "logp": "logP",
    "tpsa": "TPSA",
    "h_donors": "H-bond donors",
    "h_acceptors": "H-bond acceptors",
    "rotatable_bonds": "rotatable bonds",
    "rings": "rings",
    "aromatic_rings": "aromatic rings",
    "formal_charge": "formal charge",
    "fraction_sp3": "fraction sp³",
    "hetero_atoms": "hetero atoms",
}

STATISTICS: tuple[Statistic, ...] = (
    Statistic("scaffold_coverage", "library molecules whose scaffold is in the set", False, 0.005, unit="%"),
    Statistic(
        "generic_scaffold_coverage", "library molecules whose generic scaffold is in the set", False, 0.005, unit="%"
    ),
    Statistic("element_coverage", "library molecules all of whose elements are in the set", False, 0.005, unit="%"),
    Statistic(
        "charge_coverage", "library molecules all of whose atomic charges are in the set", False, 0.005, unit="%"
    ),
    Statistic(
        "ring_coverage", "library molecules whose (rings, aromatic rings) are in the set", False, 0.005, unit="%"
    ),
    Statistic(
        "atom_type_coverage", "library molecules all of whose atom descriptors are in the set", False, 0.005, unit="%"
    ),
    Statistic(
        "nearest_neighbour_tanimoto", "mean Tanimoto of library molecules to their nearest in the set", False, 0.002
    ),
    *(
        Statistic(f"wasserstein_{name}", f"Wasserstein distance of {PROPERTY_LABELS[name]}", True, 0.005)
        for name in PROPERTIES
    ),
    Statistic("mmd_tanimoto", "maximum mean discrepancy (squared), Tanimoto kernel", True, 0.0001),
    Statistic("classifier_auc", "ROC-AUC of a classifier that tells the set from the library", True, 0.005),
)


class Compared:
    """A library ready to be compared with sets: everything about it that does not depend on the set.

    Coverage counts on all ``library`` molecules; similarities, distances and the classifier on the ``sample`` of them
    [r]. Molecules of the set itself are left out of the library each time, so that a set drawn from the library and one
    that is not are measured alike.
    """

    def __init__(self, library: Encoded, sample: NDArray[np.int64], seed: int) -> None:
        self.library = library
        self.sample = library.take(sample)
        self.seed = seed
        self.kernel = tanimoto(self.sample.fingerprints, self.sample.fingerprints)
        """[r, r]"""
        self._atom_types = library.atom_types.astype(np.float32)
        self._mean = library.profile.mean(axis=0)
        self._scale = np.maximum(library.profile.std(axis=0), 1e-9)
        self._rows = self._classifier_rows(self.sample)

    def statistics(self, chosen: Encoded) -> NDArray[np.float64]:
        """The value of every statistic [len(STATISTICS)] for a set.

        Raises InputError when the set leaves fewer than 10 molecules of the sample.
        """
        rest = ~_held(self.library.molecules, chosen.molecules)
        near_rest = ~_held(self.sample.molecules, chosen.molecules)
        if near_rest.sum() < _LEAST_LEFT:
            raise InputError(
                f"the set leaves {near_rest.sum()} of the {len(self.sample)} library molecules looked at, "
                f"and is judged by what it leaves, {_LEAST_LEFT} or more: name a larger library"
            )
        library = self.library
        absent_types = (~chosen.atom_types.any(axis=0)).astype(np.float32)
        coverages = [
            _held(library.scaffolds, chosen.scaffolds)[rest].mean(),
            _held(library.generics, chosen.generics)[rest].mean(),
            _within(library.elements, chosen.elements)[rest].mean(),
            _within(library.charges, chosen.charges)[rest].mean(),
            _held(library.rings, chosen.rings)[rest].mean(),
            ((self._atom_types @ absent_types) == 0)[rest].mean(),
        ]
        from scipy.stats import wasserstein_distance  # late, as it takes half a second

        to_set = tanimoto(self.sample.fingerprints[near_rest], chosen.fingerprints)
        distances = [
            wasserstein_distance(theirs, ours)
            for theirs, ours in zip(self.sample.profile[near_rest].T, chosen.profile.T, strict=True)
        ]
        discrepancy = mmd(tanimoto(chosen.fingerprints, chosen.fingerprints), to_set, self._mean_of_pairs(near_rest))
        told_apart = classifier_auc(
            self._classifier_rows(chosen), self._rows[near_rest][:_CLASSIFIER_MOLECULES], self.seed
        )
        return np.array([*coverages, to_set.max(axis=1).mean(), *distances, discrepancy, told_apart], np.float64)

    def _mean_of_pairs(self, kept: NDArray[np.bool_]) -> float:
        if kept.all():
            return mean_of_pairs(self.kernel)
        ones = kept.astype(np.float32)
        n = int(kept.sum())
        return (float(ones @ (self.kernel @ ones)) - float(np.diag(self.kernel) @ ones)) / (n * (n - 1))

    def _classifier_rows(self, molecules: Encoded) -> NDArray[np.float32]:
        """[n, p + 120 + 256]: standardised properties, elements, folded fingerprints."""
        folded = np.bitwise_or.reduce(molecules.fingerprints.reshape(len(molecules), -1, _FOLDED_BITS // 8), axis=1)
        bits = np.unpackbits(folded, axis=1, bitorder="little")
        properties = (molecules.profile - self._mean) / self._scale
        return np.concatenate([properties, molecules.elements, bits], axis=1).astype(np.float32)


def _held(codes: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[n] whether each code is among those given; UNKNOWN is never."""
    present = np.zeros(max(int(codes.max(initial=0)), int(among.max(initial=0))) + 2, np.bool_)
    present[among] = True
    present[UNKNOWN] = False
    return present[codes]


def _within(theirs: NDArray[np.bool_], ours: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[n] whether every True column of a row of ``theirs`` [n, v] is True in some row of ``ours`` [m, v]."""
    absent = ~ours.any(axis=0)
    return np.logical_not(theirs[:, absent & theirs.any(axis=0)].any(axis=1))
