"""Why a quantized model lost accuracy, and what to do: steps with their evidence, then remedies that were measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import CalibrationSpec
from molq.calibset.validate import validate
from molq.errors import InputError, UnsupportedError
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.study.activations import OUTLIER_RATIO, SiteActivations, site_activations
from molq.study.calibration import CalibrationMolecules, calibration_molecules
from molq.study.fidelity import Fidelity, Yardstick
from molq.study.mixed import Budget, mixed_scheme, search_mixed
from molq.study.remedies import (
    BOTH_CAUSE,
    ENOUGH,
    GIVEN,
    LAYER_CAUSE,
    OUTLIER_CAUSE,
    RANGE_CAUSE,
    SCHEME_CAUSE,
    SET_CAUSE,
    Remedy,
    Treatment,
    execute,
    ranked,
    scheme_of,
    treatments,
)
from molq.study.sensitivity import in_batches, layer_bytes

HEALTHY_DB = 25.0
"""signal to noise of the logits above which a model that is not inferior needs no remedy"""
SET_SIZES = (100, 200, 500)
CLIPPED_SHARE = 5e-3
OVERSHOOT = 1.5
MIXED_GROWTH = 1.6
"""largest mixed file tried, times the bytes of the diagnosed model's layers"""
VALIDATED_SAMPLE = 1_000
"""molecules of the target that a calibration set is compared with"""
_LEAST_SET = 10
Listen = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One question of the workflow, answered."""

    name: str
    finding: str
    is_suspect: bool
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Cause:
    """What is at fault, by what happened when it was mended."""

    name: str
    explanation: str
    recovered: float
    """of the score error, by the best remedy against this cause alone"""


@dataclass(frozen=True)
class Diagnosis:
    """The outcome: steps in order, causes with the main one first, remedies with the best one first."""

    model: dict[str, Any]
    target: dict[str, Any]
    statistics: dict[str, Any]
    is_healthy: bool
    before: Fidelity
    steps: list[Step]
    causes: list[Cause]
    remedies: list[Remedy]
    sets: dict[str, CalibrationMolecules]

    @property
    def best(self) -> Remedy | None:
        """The remedy to apply; None when none makes the error smaller."""
        return next((r for r in self.remedies if r.recovered > 0), None)

    def to_dict(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "model": self.model,
            "target": self.target,
            "statistics": self.statistics,
            "is_healthy": self.is_healthy,
            "before": self.before.fields(),
            "steps": [step.__dict__ for step in self.steps],
            "causes": [cause.__dict__ for cause in self.causes],
            "remedies": [remedy.fields() for remedy in self.remedies],
        }


def diagnose(
    quantized: Loaded,
    reference: Loaded,
    on: Yardstick,
    given: CalibrationMolecules | None = None,
    *,
    seed: int = 0,
    listen: Listen | None = None,
) -> Diagnosis:
    """The workflow on a quantized model, its float ``reference``, and the molecules of the yardstick.

    ``given`` is the calibration set the model was made with, if at hand. ``listen`` is told the name of each step.
    Raises UnsupportedError when the models are not a quantized one and a float one of the same tasks.
    """
    check_pair(quantized, reference)
    told = listen or (lambda _name: None)
    scheme = scheme_of(quantized)
    told("baseline, size of the drop")
    before = on.compare(quantized.model)
    steps = [_baseline(quantized, reference, on), _drop(before, on)]
    told("calibration set")
    steps.append(_calibration_set(given, on, seed) if scheme.has_static_layers else _no_ranges(scheme.name))
    told("activations")
    inputs = site_activations(quantized.model.members[0], in_batches(on.target.graphs))
    floats = site_activations(reference.model.members[0], in_batches(on.target.graphs), {})
    steps += [_clipping(inputs), _outliers(floats)]
    told("new calibration sets")
    sets = ({GIVEN: given} if given else {}) | _new_sets(on, seed)
    remedies = []
    for treatment in treatments(scheme, sets, reference):
        told(treatment.name)
        remedies.append(execute(treatment, reference, sets, on, before))
    told("mixed precision")
    remedies += _mixed(reference, quantized, on, before, sets)
    is_healthy = before.verdict != "inferior" and not before.is_significant and _decibels(before) >= HEALTHY_DB
    steps += _comparisons(remedies, is_healthy)
    return Diagnosis(
        model={
            "path": str(quantized.path),
            "scheme": scheme.name,
            "content_hash": quantized.content_hash,
            "size_bytes": quantized.size_bytes,
            "reference": str(reference.path),
        },
        target=on.target.record(),
        statistics={"metric": on.metric, "margin": on.margin, "n_resamples": on.n_resamples, "seed": on.seed},
        is_healthy=is_healthy,
        before=before,
        steps=steps,
        causes=[] if is_healthy else _causes(remedies, steps),
        remedies=ranked(remedies, sum(layer_bytes(quantized.model).values())),
        sets=sets,
    )


def check_pair(quantized: Loaded, reference: Loaded) -> None:
    """Raises UnsupportedError unless the first is a quantized model and the second a float one of the same network."""
    if reference.model.scheme != "fp32":
        raise UnsupportedError(f"--reference {reference.path} is {reference.model.scheme}; name the fp32 model")
    if quantized.model.scheme == "fp32":
        raise UnsupportedError(f"{quantized.path} is fp32; name a quantized model, and the fp32 one with --reference")
    if [m.config for m in quantized.model.members] != [m.config for m in reference.model.members]:
        raise UnsupportedError(f"{quantized.path} and {reference.path} are different networks")


def _baseline(quantized: Loaded, reference: Loaded, on: Yardstick) -> Step:
    made_from = (quantized.card.provenance or {}).get("quantized_from", {}).get("content_hash")
    is_other = made_from is not None and made_from != reference.content_hash
    metric = on.baseline()
    said = "no labels: the float model's scores are the truth"
    evidence: dict[str, Any] = {"quantized_from_reference": None if made_from is None else not is_other}
    if metric is not None:
        said = f"{on.metric} of the float model {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"
        evidence |= {"value": metric.value, "low": metric.low, "high": metric.high}
    if is_other:
        said = f"the model was quantized from another file than the reference; {said}"
    return Step("baseline", said, is_other, evidence)


def _drop(before: Fidelity, on: Yardstick) -> Step:
    said = f"signal to noise of the logits {_decibels(before):.1f} dB, score MSE {before.score_mse:.2g}"
    if before.loss is not None:
        significance = "significant" if before.is_significant else "within chance"
        loss = before.loss
        said = f"loss of {on.metric} {loss.value:+.4f} [{loss.low:+.4f}, {loss.high:+.4f}], {significance}; {said}"
    return Step("drop", said, before.is_significant or _decibels(before) < HEALTHY_DB, before.fields())


def _no_ranges(scheme: str) -> Step:
    return Step("calibration set", f"{scheme} has no fixed activation ranges", False, {})


def _calibration_set(given: CalibrationMolecules | None, on: Yardstick, seed: int) -> Step:
    """Chemistry: the set against all that is known of the target."""
    if given is None:
        said = "the set was not given (--calibset); new sets are tried below"
        return Step("calibration set", said, False, {})
    size = len(given.calibset.smiles)
    library = list(dict.fromkeys([*on.target.pool, *on.target.smiles]))
    if len(library) > VALIDATED_SAMPLE:
        chosen = np.random.default_rng(seed).choice(len(library), VALIDATED_SAMPLE, replace=False)
        library = [library[i] for i in np.sort(chosen)]
    try:
        found = validate(given.calibset.smiles, library, seed=seed, n_draws=200, library_name=on.target.name)
    except InputError as error:
        return Step("calibration set", str(error), size < _LEAST_SET, {"molecules": size})
    reasons = [{"statistic": r.statistic, "finding": r.finding, "remedy": r.remedy} for r in found.reasons]
    said = f"{size} molecules, {found.verdict} (p = {found.p_value:.3f})"
    if reasons:
        said += f": {reasons[0]['finding'].rstrip('; ')}"
    evidence = {"molecules": size, "verdict": found.verdict, "p_value": found.p_value, "reasons": reasons[:5]}
    return Step("calibration set", said, found.verdict == "not representative", evidence)


def _clipping(inputs: list[SiteActivations]) -> Step:
    fixed = [site for site in inputs if site.beyond is not None]
    if not fixed:
        return Step("clipping", "no inputs are quantized with a fixed range", False, {})
    worst = max(fixed, key=lambda site: (site.beyond or 0.0, site.overshoot or 0.0))
    beyond, overshoot = worst.beyond or 0.0, worst.overshoot or 0.0
    said = (
        f"at most {beyond:.3%} of the activations lie beyond the calibrated range ({worst.layer}), "
        f"up to {overshoot:.2g} times the range"
    )
    evidence = [{"layer": s.layer, "site": s.site, "beyond": s.beyond, "overshoot": s.overshoot} for s in fixed]
    return Step("clipping", said, beyond > CLIPPED_SHARE or overshoot > OVERSHOOT, {"sites": evidence})


def _outliers(floats: list[SiteActivations]) -> Step:
    found = [site for site in floats if site.n_outliers]
    worst = max(floats, key=lambda site: site.largest_ratio, default=None)
    if worst is None:
        return Step("outliers", "no activations were seen", False, {})
    if not found:
        said = f"no channel is more than {OUTLIER_RATIO:g} times the median one; the largest {worst.largest_ratio:.1f}"
    else:
        named = ", ".join(f"{c.index} ({c.ratio:.0f}×)" for c in worst.outliers)
        said = f"{worst.n_outliers} outlier channels into {worst.layer}: {named} the median channel"
    evidence = [
        {"layer": s.layer, "site": s.site, "largest_ratio": s.largest_ratio, "channels": [c.index for c in s.outliers]}
        for s in floats
    ]
    return Step("outliers", said, bool(found), {"sites": evidence})


def _new_sets(on: Yardstick, seed: int) -> dict[str, CalibrationMolecules]:
    """Sets chosen by scaffold from the pool, as large as it allows."""
    n_distinct = len(set(on.target.pool))
    sizes = [n for n in SET_SIZES if n <= n_distinct * 0.9] or [max(n_distinct // 2, 1)]
    return {
        str(n): calibration_molecules(build_calibset(on.target.pool, CalibrationSpec("scaffold", n, seed)))
        for n in sizes
    }


def _mixed(
    reference: Loaded, quantized: Loaded, on: Yardstick, before: Fidelity, sets: dict[str, CalibrationMolecules]
) -> list[Remedy]:
    """The most faithful mixed file of somewhat larger size, on the set that the model was made with."""
    name = next(iter(sets))
    max_bytes = int(MIXED_GROWTH * quantized.size_bytes)
    try:
        search = search_mixed(reference, sets[name], on, Budget(max_bytes=max_bytes), measure_front=False)
    except InputError:
        return []
    scheme = mixed_scheme(search.chosen.options)
    treatment = Treatment("mixed precision per layer", MIXED, scheme, name)
    return [execute(treatment, reference, sets, on, before)]


def _comparisons(remedies: list[Remedy], is_healthy: bool) -> list[Step]:
    """Steps whose evidence is what remedies recovered."""
    questions = (
        ("observers", RANGE_CAUSE, "other observers"),
        ("set size", SET_CAUSE, "new calibration sets"),
        ("equalization", OUTLIER_CAUSE, "channel scales"),
        ("layers", LAYER_CAUSE, "one layer in fp16"),
        ("mixed precision", MIXED, "a precision per layer"),
    )
    steps = []
    for name, cause, what in questions:
        tried = [r for r in remedies if r.treatment.cause == cause]
        if tried:
            best = max(tried, key=lambda r: r.recovered)
            said = f"{what}: {_outcome(best)}"
            evidence = {r.treatment.name: r.recovered for r in tried}
            steps.append(Step(name, said, best.recovered >= ENOUGH and not is_healthy, evidence))
    said = "quantization-aware training comes last, and is not offered yet"
    return [*steps, Step("training", said, False, {})]


def _causes(remedies: list[Remedy], steps: list[Step]) -> list[Cause]:
    """What is at fault: causes whose own remedy recovers enough, specific ones before those that avoid the question."""
    suspect = {step.name: step for step in steps if step.is_suspect}
    evidence = {
        SET_CAUSE: ("clipping", "calibration set"),
        OUTLIER_CAUSE: ("outliers",),
        BOTH_CAUSE: ("clipping", "outliers"),
    }
    best: dict[str, Remedy] = {}
    for remedy in remedies:
        known = best.get(remedy.treatment.cause)
        if known is None or remedy.recovered > known.recovered:
            best[remedy.treatment.cause] = remedy
    found = []
    for name, remedy in best.items():
        if remedy.recovered >= ENOUGH / 2 and name not in (SCHEME_CAUSE, MIXED):
            seen = [suspect[step] for step in evidence.get(name, ()) if step in suspect]
            found.append(Cause(name, _explanation(remedy, seen), remedy.recovered))
    singles = (SET_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE)
    if any(cause.recovered >= ENOUGH for cause in found if cause.name in singles):
        found = [cause for cause in found if cause.name in singles]
    return sorted(found, key=lambda c: (c.recovered < ENOUGH, c.name == LAYER_CAUSE, -c.recovered))


def _explanation(remedy: Remedy, evidence: list[Step]) -> str:
    return "; ".join([*(step.finding for step in evidence), _outcome(remedy)])


def _outcome(remedy: Remedy) -> str:
    name, share = remedy.treatment.name, remedy.recovered
    if share < 0:
        return f"{name} makes the score error {1 - share:.1f} times as large"
    return f"{name} recovers {share:.1%} of the score error"


def _decibels(fidelity: Fidelity) -> float:
    return float("inf") if fidelity.sqnr_db is None else fidelity.sqnr_db
