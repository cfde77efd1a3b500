"""Judging a calibration set by its chemistry, by what flows in a model, and by the scores of its int8 copy."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from molq.calibset.aspect import Advice
from molq.calibset.population import UNKNOWN, Population
from molq.calibset.reference import LIBRARY_SAMPLE, N_DRAWS, Reference, describe, draw_null, draw_size
from molq.calibset.statistics import Statistic
from molq.calibset.validate import assess, checked, claim
from molq.chem.packed import take
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.quant.calibrate import Site
from molq.quant.scheme import get_scheme
from molq.results.validation import JudgingModel, RangeEnd, Validation
from molq.store.molqfile import Loaded
from molq.workflows.validity import outcome
from molq.workflows.validity.coverage import LibraryActivations, site_statistics
from molq.workflows.validity.ends import Reach, range_ends, reach
from molq.workflows.validity.outcome import Outcome
from molq.workflows.validity.profile import Profiler, SetProfile

SCHEME = "int8"
"""ranges by its observer, the smallest and the largest value seen"""
MOLECULES_PER_PLACE = 100
"""library molecules looked at for every molecule of the set, at least, where the library has them"""
SCORED_SAMPLE = 1_000


def validate_with_model(
    chosen: Sequence[str],
    library: Sequence[str],
    model: Loaded,
    *,
    seed: int = 0,
    n_draws: int = N_DRAWS,
    calibset_name: str = "the set",
    library_name: str = "LIBRARY",
    library_command: str | None = None,
    progress: Progress = SILENT,
) -> Validation:
    """The verdict on the molecules ``chosen`` as a calibration set for ``library`` and ``model``.

    Every statistic of activations and scores is computed for the very draws that the chemistry is compared with, so
    one rank test covers them all. The range of a site hangs on the most extreme molecule of a set. When the library is
    larger than what is looked at, a set drawn from it holds one more extreme than all of these in at most 1 of
    MOLECULES_PER_PLACE cases, and false alarms may rise by as much. Raises InputError for a model that is quantized
    already, and as ``validate`` does.
    """
    require_float(model)
    molecules = checked(chosen)
    limit = max(LIBRARY_SAMPLE, MOLECULES_PER_PLACE * len(molecules))
    progress.stage("library")
    reference = describe(library, seed, progress, limit)
    progress.stage("activations")
    aspect = ModelAspect(model, reference, progress)
    progress.stage("random draws")
    null = draw_null(reference, draw_size(reference, molecules), n_draws, progress, aspect)
    about = claim(chosen, calibset_name, library_name, library_command)
    found = assess(molecules, reference, null, about, aspect)
    return structs.replace(found, model=aspect.section, ends=aspect.ends(molecules))


def require_float(model: Loaded) -> None:
    """Raises InputError unless the model is fp32."""
    if model.network.scheme != "fp32":
        raise InputError(
            f"{model.path} is {model.network.scheme} already, so what flowed in it before is lost; "
            "name the fp32 model it was made from"
        )


class ModelAspect:
    """Statistics of a set by what flows in a float model when it reads the set, and by its scores once quantized."""

    def __init__(self, model: Loaded, reference: Reference, progress: Progress = SILENT) -> None:
        scheme = get_scheme(SCHEME)
        self._model, self._profiler = model, Profiler(model.network, scheme)
        self._population = reference.population
        graphs = self._population.graphs_by(model.network.recipe)
        self._library = LibraryActivations(self._profiler, graphs, progress)
        scored = np.random.default_rng([reference.seed, 5]).permutation(len(self._population))[:SCORED_SAMPLE]
        self._n_scored = len(scored)
        self._outcome = Outcome(model.network, scheme, take(graphs, np.sort(scored)))
        per_site = [statistic for site in self._profiler.sites for statistic in site_statistics(site)]
        self.statistics: tuple[Statistic, ...] = (*per_site, *outcome.STATISTICS)

    def of_draw(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Values of the statistics for molecules of the described library."""
        found = self._library.profiles.together(self._profiler.n_channels, index)
        return self._values(found, found.counts)

    def of_set(self, molecules: Population) -> NDArray[np.float64]:
        """Values of the statistics for any molecules; those of the library among them are left out of it."""
        own = np.flatnonzero(molecules.places_of(self._population) != UNKNOWN)
        return self._values(
            self._profiler.together(molecules.graphs_by(self._model.network.recipe)),
            self._library.profiles.together(self._profiler.n_channels, own).counts,
        )

    def advice(self, statistics: list[Statistic], size: int, library: str) -> Advice:
        """On faults of one kind, the worst first."""
        places = [s.name.partition("@")[2] for s in statistics[1:]]
        also = f"; also at {', '.join(places[:4])}" + (f" and {len(places) - 4} more" if len(places) > 4 else "")
        finding, remedy = _ADVICE[statistics[0].kind or statistics[0].name]
        build = f"`molq calibset build {library} --strategy {{}} --size {size} -o NEW.csv`"
        covering = build.format(f"activation --model {shlex.quote(str(self._model.path))}")
        return Advice(
            finding + (also if places else ""), remedy.format(rebuild=build.format("scaffold"), covering=covering)
        )

    def ends(self, molecules: Population) -> tuple[RangeEnd, ...]:
        """Of every call site the end of its range that the library oversteps farthest, and who reaches there."""
        profiles = self._library.profiles
        return range_ends(
            [site.label for site in self._profiler.sites],
            reach(self._profiler, molecules.graphs_by(self._model.network.recipe)),
            Reach(profiles.low, profiles.high),
            molecules.smiles,
            self._population.smiles,
        )

    @property
    def section(self) -> JudgingModel:
        """What a verdict says of the model, and how it was measured."""
        return JudgingModel(
            path=str(self._model.path),
            content_hash=self._model.content_hash,
            members=len(self._model.network.members),
            tasks=tuple(self._model.network.tasks),
            scheme=SCHEME,
            observer=get_scheme(SCHEME).observer,
            sites=tuple(site.label for site in self._profiler.sites),
            library_gathered=len(self._population),
            library_scored=self._n_scored,
        )

    def _values(self, of: SetProfile, own: NDArray[np.int64]) -> NDArray[np.float64]:
        covered = self._library.coverage(of, own)
        ranges: list[dict[Site, tuple[float, float]]] = [{} for _ in self._model.network.members]
        for i, site in enumerate(self._profiler.sites):
            ranges[site.member][site.site] = float(of.low[i]), float(of.high[i])
        return np.concatenate([*covered, self._outcome.statistics(list(ranges))])


_ADVICE = {
    "beyond_range": (
        "a model calibrated on this set cuts off what the library's molecules send there",
        "choose molecules that reach these activations: {covering}",
    ),
    "quantile_ratio": (
        "the library's largest activations are larger than the set's",
        "choose molecules that reach these activations: {covering}",
    ),
    "sqnr": (
        "the codes of the range fit the library's activations badly: it is too narrow, or too wide for them",
        "choose from the library: {rebuild}; if the range is too wide, quantize with the observer mse",
    ),
    "silent_channels": (
        "what the set never excites is calibrated by nothing",
        "choose molecules that excite these channels: {covering}",
    ),
    "rank_disagreement": (
        "a model quantized on this set ranks the library's molecules otherwise",
        "choose from the library and compare: {rebuild}",
    ),
    "mean_score_change": ("scores move farther than they need to", "choose from the library and compare: {rebuild}"),
    "max_score_change": (
        "some molecule's score moves farther than it needs to",
        "choose from the library and compare: {rebuild}",
    ),
    "hits_lost_5pct": (
        "hits of the float model drop out of the list",
        "choose from the library and compare: {rebuild}",
    ),
}
