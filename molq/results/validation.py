"""Whether a calibration set represents a library, and everything the verdict rests on."""

from __future__ import annotations

import math
from typing import Literal

from molq.results.shown import Result

RepresentativeVerdict = Literal["representative", "marginal", "not representative"]


class Measure(Result, frozen=True):
    """One statistic beside its null distribution: the same statistic for random draws from the library."""

    name: str
    label: str
    group: str
    """chemistry, activations or outcome"""
    kind: str | None
    """what the measures of several places have in common"""
    unit: str
    """``%`` for a share from 0 to 1"""
    log_floor: float | None
    """where draws are compared by logarithms: the least value that counts"""
    larger_is_worse: bool
    value: float
    null_min: float
    null_low: float
    """5th percentile of the draws"""
    null_median: float
    null_high: float
    """95th percentile"""
    null_max: float
    z: float
    """standard deviations from the mean of the draws, positive when worse"""
    p_value: float
    """share of the draws at least as bad, in this statistic alone"""
    permutation_p: float | None
    """share of relabellings of set and library at least as far apart, where the statistic is a distance"""


class Reason(Result, frozen=True):
    """Why a set is less than representative, and what to do about it."""

    statistic: str
    finding: str
    remedy: str
    also: tuple[str, ...]
    """other statistics of the same kind at fault, the worst first"""


class Missing(Result, frozen=True):
    """What the library holds and the set does not, with the share of library molecules behind each, largest first."""

    elements: tuple[tuple[str, float], ...]
    charges: tuple[tuple[str, float], ...]
    scaffolds: tuple[tuple[str, float], ...]
    """the largest few; "" is the acyclic molecules"""


class Neighbour(Result, frozen=True):
    """A molecule beside the most similar one of the other side."""

    smiles: str
    similarity: float
    """Tanimoto, Morgan fingerprints"""
    nearest: str


class SetLikeness(Result, frozen=True):
    """Molecules of the set and of the library by how like each other they are; none is held against itself."""

    chosen: tuple[Neighbour, ...]
    """of the set, the most like the library first; of a large set some, the first and the last among them"""
    uncovered: tuple[Neighbour, ...]
    """of the library, those that the set is least like, the least first"""


class RangeEnd(Result, frozen=True):
    """How far the activations of a call site reach, and which molecules reach there."""

    site: str
    """``layer:site``"""
    chosen: float
    """the end of the range, by the set"""
    chosen_smiles: str
    library: float
    """how far the library reaches on that side"""
    library_smiles: str

    @property
    def overshoot(self) -> float:
        """The library's reach over the set's; infinite where the set has none."""
        if not self.chosen:
            return math.inf if self.library else 1.0
        return self.library / self.chosen


class PropertyHistogram(Result, frozen=True):
    """The distribution of a property in the library and in the set, as fractions per bin."""

    property: str
    label: str
    edges: tuple[float, ...]
    """[bins + 1]"""
    library: tuple[float, ...]
    chosen: tuple[float, ...]


class JudgingModel(Result, frozen=True):
    """The float model that took part in a verdict, and how its part was measured."""

    path: str
    content_hash: str
    members: int
    tasks: tuple[str, ...]
    scheme: str
    observer: str
    sites: tuple[str, ...]
    """``layer:site``"""
    library_gathered: int
    """library molecules whose activations were looked at"""
    library_scored: int


class BlindSpot(Result, frozen=True):
    """What sets of a size can hide from a verdict on their chemistry, by trials with sets that were wrong in part."""

    size: int
    """molecules of the set, or of the draws where these are fewer"""
    foreign_low: float
    """share of molecules of another library that was found in half of the sets: of the pair that is easiest to tell"""
    foreign_high: float
    """of the pair that is hardest"""
    is_lower_bound: bool
    """whether for some pair even the largest share that was tried was found in fewer; it counts then"""
    heaviest_found_low: float
    """share of the sets without the library's heaviest tenth that were found: of the library where they were fewest"""
    heaviest_found_high: float
    libraries: tuple[str, ...]
    """of the trials"""
    trials: int
    """sets behind every number, at least"""
    least_size: int
    largest_size: int
    """of the sets in the trials"""


class Validation(Result, frozen=True, omit_defaults=True):
    """The verdict on a calibration set."""

    calibset: str
    """what the set is called"""
    library: str
    sha256: str
    """of the set's SMILES"""
    verdict: RepresentativeVerdict
    p_value: float
    """share of random draws whose worst statistic is at least as extreme as the set's"""
    reasons: tuple[Reason, ...]
    """the worst first; empty for a representative set"""
    measures: tuple[Measure, ...]
    missing: Missing
    histograms: tuple[PropertyHistogram, ...]
    set_molecules: int
    """rows of the set"""
    set_rejected: int
    library_molecules: int
    """rows of the library"""
    library_used: int
    library_rejected: int
    draws: int
    draw_size: int
    seed: int
    model: JudgingModel | None = None
    """None when chemistry alone was judged"""
    likeness: SetLikeness | None = None
    ends: tuple[RangeEnd, ...] = ()
    """of every call site the end that the library oversteps farthest, by the molecules looked at"""
    blind_spot: BlindSpot | None = None
    """None in results of older versions"""
