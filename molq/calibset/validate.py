"""Judging whether a calibration set represents a library."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.calibset.aspect import Advice, Aspect
from molq.calibset.blind_spots import blind_spot
from molq.calibset.encoding import Encoded
from molq.calibset.findings import finding, missing, remedy
from molq.calibset.likeness import likeness
from molq.calibset.population import Population, populate
from molq.calibset.reference import N_DRAWS, Null, Reference, describe, draw_null, draw_size
from molq.calibset.spec import smiles_sha256
from molq.calibset.statistics import PROPERTY_LABELS, Statistic
from molq.calibset.two_sample import mmd_permutation_p, relabellings, wasserstein_permutation_p
from molq.calibset.verdict import Judgement, judge
from molq.chem.fingerprints import tanimoto
from molq.chem.properties import PROPERTIES
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.results.units import with_unit
from molq.results.validation import Measure, PropertyHistogram, Reason, Validation

_LEAST_MOLECULES = 10
_N_PERMUTATIONS = 999
_N_BINS = 24


class Claim(NamedTuple):
    """That a set of molecules stands for a library, in the names of both."""

    calibset: str
    sha256: str
    """of the set's SMILES"""
    library: str
    command: str
    """the library as the words of a command line"""


def validate(
    chosen: Sequence[str],
    library: Sequence[str],
    *,
    seed: int = 0,
    n_draws: int = N_DRAWS,
    calibset_name: str = "the set",
    library_name: str = "LIBRARY",
    library_command: str | None = None,
    progress: Progress = SILENT,
) -> Validation:
    """The verdict on the molecules ``chosen`` as a calibration set for ``library``, by their chemistry.

    ``library_command`` stands for the library in the commands of the remedies, by default its name. Raises InputError
    when fewer than 10 of the set or 20 distinct ones of the library parse, and when the set leaves fewer than 10 of
    these.
    """
    molecules = checked(chosen)
    progress.stage("library")
    reference = describe(library, seed, progress)
    progress.stage("random draws")
    null = draw_null(reference, draw_size(reference, molecules), n_draws, progress)
    return assess(molecules, reference, null, claim(chosen, calibset_name, library_name, library_command))


def claim(
    chosen: Sequence[str],
    calibset_name: str = "the set",
    library_name: str = "LIBRARY",
    library_command: str | None = None,
) -> Claim:
    """The claim that the molecules ``chosen`` stand for the library."""
    return Claim(calibset_name, smiles_sha256(chosen), library_name, library_command or shlex.quote(library_name))


def checked(chosen: Sequence[str]) -> Population:
    """The molecules of a set. Raises InputError when fewer than 10 of them parse."""
    molecules = populate(chosen)
    if len(molecules) < _LEAST_MOLECULES:
        raise InputError(
            f"the calibration set holds {len(molecules)} molecules that parse ({molecules.n_source} rows); "
            f"validation needs {_LEAST_MOLECULES} or more"
        )
    return molecules


def assess(
    molecules: Population,
    reference: Reference,
    null: Null,
    of: Claim,
    aspect: Aspect | None = None,
) -> Validation:
    """The verdict on the claim about a set of molecules, with the library described and its null drawn beforehand.

    ``aspect`` is the one that the null was drawn with.
    """
    chosen = reference.encoder.encode(molecules)
    values = reference.compared.statistics(chosen)
    if aspect is not None:
        values = np.concatenate([values, aspect.of_set(molecules)])
    judgement = judge(values, null)
    lacks = missing(reference, molecules)
    permutation_p = _permutation_p(chosen, reference)
    measures = [_measure(i, values, null, judgement, permutation_p) for i in range(len(null.statistics))]

    def advise(statistics: list[Statistic]) -> Advice:
        if aspect is not None and statistics[0] in aspect.statistics:
            return aspect.advice(statistics, len(chosen), of.command)
        name = statistics[0].name
        return Advice(finding(name, lacks, reference, chosen), remedy(name, len(chosen), of.command))

    library = reference.population
    return Validation(
        calibset=of.calibset,
        library=of.library,
        sha256=of.sha256,
        verdict=judgement.verdict,
        p_value=judgement.p_value,
        reasons=_reasons([null.statistics[i] for i in judgement.faults], measures, advise),
        measures=tuple(measures),
        missing=lacks,
        histograms=tuple(_histogram(i, chosen, reference.compared.library) for i in range(len(PROPERTIES))),
        set_molecules=molecules.n_source,
        set_rejected=molecules.n_rejected,
        library_molecules=library.n_source,
        library_used=len(library),
        library_rejected=library.n_rejected,
        draws=len(null.values),
        draw_size=null.size,
        seed=reference.seed,
        likeness=likeness(reference, molecules),
        blind_spot=blind_spot(min(null.size, len(chosen))),
    )


def _reasons(
    faults: list[Statistic], measures: list[Measure], advise: Callable[[list[Statistic]], Advice]
) -> tuple[Reason, ...]:
    """One reason for each kind of fault, the worst first."""
    kinds: dict[str, list[Statistic]] = {}
    for statistic in faults:
        kinds.setdefault(statistic.kind or statistic.name, []).append(statistic)
    by_name = {measure.name: measure for measure in measures}
    reasons = []
    for statistics in kinds.values():
        names = [statistic.name for statistic in statistics]
        advice = advise(statistics)
        reasons.append(Reason(names[0], _numbers(by_name[names[0]]) + advice.finding, advice.remedy, tuple(names[1:])))
    return tuple(reasons)


def _permutation_p(chosen: Encoded, reference: Reference) -> dict[str, float]:
    sample = reference.compared.sample
    rest = sample.take(~np.isin(sample.molecules, chosen.molecules))
    labels = relabellings(len(chosen), len(rest), _N_PERMUTATIONS, np.random.default_rng([reference.seed, 4]))
    pooled = np.concatenate([chosen.profile, rest.profile])
    found = {
        f"wasserstein_{name}": wasserstein_permutation_p(column, labels)
        for name, column in zip(PROPERTIES, pooled.T, strict=True)
    }
    prints = np.concatenate([chosen.fingerprints, rest.fingerprints])
    found["mmd_tanimoto"] = mmd_permutation_p(tanimoto(prints, prints), labels)
    return found


def _measure(
    i: int, values: NDArray[np.float64], null: Null, judgement: Judgement, permutation_p: dict[str, float]
) -> Measure:
    statistic = null.statistics[i]
    smallest, low, median, high, largest = (float(q) for q in np.quantile(null.values[:, i], [0, 0.05, 0.5, 0.95, 1]))
    return Measure(
        name=statistic.name,
        label=statistic.label,
        group=statistic.group,
        kind=statistic.kind,
        unit=statistic.unit,
        log_floor=statistic.log_floor,
        larger_is_worse=statistic.larger_is_worse,
        value=float(values[i]),
        null_min=smallest,
        null_low=low,
        null_median=median,
        null_high=high,
        null_max=largest,
        z=float(judgement.z[i]),
        p_value=float(judgement.p_values[i]),
        permutation_p=permutation_p.get(statistic.name),
    )


def _numbers(m: Measure) -> str:
    value, low, high = (with_unit(x, m.unit) for x in (m.value, m.null_low, m.null_high))
    return f"{m.label}: {value}, random draws {low} to {high} ({m.z:.1f} SD worse); "


def _histogram(column: int, chosen: Encoded, library: Encoded) -> PropertyHistogram:
    """Shared bins from the library's central 99% and the set's whole range."""
    ours, theirs = chosen.profile[:, column], library.profile[:, column]
    low, high = (float(q) for q in np.quantile(theirs, [0.005, 0.995]))
    low, high = min(low, float(ours.min())), max(high, float(ours.max()))
    is_count = np.array_equal(theirs, np.round(theirs))
    if is_count:
        low, high = float(np.floor(low)), float(np.ceil(high))
    if is_count and high - low < 2 * _N_BINS:
        edges = np.arange(low - 0.5, high + 1)
    else:
        edges = np.linspace(low, high if high > low else low + 1, _N_BINS + 1)
    return PropertyHistogram(
        PROPERTIES[column],
        PROPERTY_LABELS[PROPERTIES[column]],
        tuple(float(edge) for edge in edges),
        _shares(theirs, edges),
        _shares(ours, edges),
    )


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[float, ...]:
    """Of the values per bin; those beyond the edges count in the outermost."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return tuple((counts / len(values)).tolist())
