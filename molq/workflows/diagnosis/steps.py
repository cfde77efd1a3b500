"""The questions of a diagnosis, each answered with its evidence."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from molq.calibset.validate import validate
from molq.data.draw import draw
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.report.numbers import METRIC_NAMES
from molq.report.text.sensitivity import site_name
from molq.report.text.validation import in_words
from molq.results.diagnosis import (
    ENOUGH,
    BaselineEvidence,
    ClippedSite,
    ClippingEvidence,
    OutlierEvidence,
    OutlierSite,
    SetEvidence,
    SetReason,
    Step,
    TrialEvidence,
)
from molq.results.fidelity import Fidelity
from molq.results.sensitivity import SiteActivations
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.diagnosis.attempts import (
    LAYER_CAUSE,
    OUTLIER_CAUSE,
    RANGE_CAUSE,
    ROUNDING_CAUSE,
    SET_CAUSE,
    TRAINING_CAUSE,
)
from molq.workflows.diagnosis.trials import Tried, own_share, ranked
from molq.workflows.precision.activations import OUTLIER_RATIO
from molq.workflows.precision.calibration import CalibrationMolecules

CLIPPED_SHARE = 2.5e-3
OVERSHOOT = 3.0
"""share of a site's activations beyond its range, and their largest over the range, that make a range suspect

Checked on the models of ``HEALTHY_DB`` (``results.fidelity``): random sets of 200 and 20 leave out at most 0.04%, and
reach 2.0; sets of one scaffold that did no harm 0.23% and 2.85; those that did, mostly 0.24% to 8%, or beyond 3.
"""
VALIDATED_SAMPLE = 1_000
"""molecules of the probe that a calibration set is compared with"""
LEAST_MOLECULES = 10
_N_REASONS = 5
_N_DRAWS = 200


def baseline(quantized: Loaded, reference: Loaded, on: Yardstick) -> Step:
    """How good the float model is, and whether it is the one that was quantized."""
    made_from = (quantized.card.provenance or {}).get("quantized_from", {}).get("content_hash")
    is_other = made_from is not None and made_from != reference.content_hash
    metric = on.baseline()
    missing = "no labels" if on.probe.labels is None else f"labels that give no {METRIC_NAMES[on.metric]}"
    said = f"{missing}: the float model's scores are the truth"
    bounds: tuple[float, ...] = ()
    if metric is not None:
        said = f"{METRIC_NAMES[on.metric]} of the float model {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"
        bounds = metric.value, metric.low, metric.high
    if is_other:
        said = f"the model was quantized from another file than the reference; {said}"
    return Step("baseline", said, is_other, BaselineEvidence(None if made_from is None else not is_other, *bounds))


def drop(before: Fidelity, on: Yardstick) -> Step:
    """How large the loss is, and whether it is more than chance."""
    noise = "no noise" if before.logit_mse == 0 else f"{before.decibels:.1f} dB"
    said = f"signal to noise of the logits {noise}, score MSE {before.score_mse:.2g}"
    if before.loss is not None and before.verdict is not None:
        significance = "significant" if before.is_significant else "within chance"
        loss, name = before.loss, METRIC_NAMES[on.metric]
        said = f"loss of {name} {loss.value:+.4f} [{loss.low:+.4f}, {loss.high:+.4f}], {significance}; {said}"
    return Step("drop", said, not before.is_healthy, before)


def calibration_set(
    quantized: Loaded,
    given: CalibrationMolecules | None,
    on: Yardstick,
    source: Sequence[str],
    seed: int,
    progress: Progress = SILENT,
) -> Step:
    """Whether the set represents all that is known of the probe, by chemistry.

    ``source`` says where the molecules come from on a command line: a file or a data set, and options to read it.
    """
    if given is None:
        return Step("calibration set", "the model's own set was not given; new sets are tried below", False)
    size = len(given.calibset.smiles)
    recorded = (quantized.card.calibration or {}).get("sha256")
    is_other = recorded is not None and recorded != given.calibset.sha256
    molecules = list(dict.fromkeys([*on.probe.pool, *on.probe.smiles]))
    molecules = [molecules[i] for i in draw(len(molecules), VALIDATED_SAMPLE, seed)]
    try:
        found = validate(
            given.calibset.smiles,
            molecules,
            seed=seed,
            n_draws=_N_DRAWS,
            library_name=on.probe.name,
            library_command=shlex.join(source),
            progress=progress,
        )
    except InputError as error:
        finding = _named(str(error), on.probe.name)
        return Step("calibration set", finding, size < LEAST_MOLECULES, SetEvidence(size))
    said = f"{size} molecules, {found.verdict} (p = {found.p_value:.3f})"
    if found.reasons:
        words, _ = in_words(found.reasons[0])
        said += f": {_named(words, on.probe.name)}"
    if is_other:
        said = f"not the set that the model was made with; {said}"
    evidence = SetEvidence(
        molecules=size,
        is_the_models_own=None if recorded is None else not is_other,
        verdict=found.verdict,
        p_value=found.p_value,
        reasons=tuple(
            SetReason(r.statistic, _named(r.finding, on.probe.name), _named(r.remedy, on.probe.name))
            for r in found.reasons[:_N_REASONS]
        ),
        missing=found.missing.scaffolds,
        likeness=found.likeness,
    )
    return Step("calibration set", said, is_other or found.verdict == "not representative", evidence)


def no_calibration(scheme: str) -> Step:
    """The answer for schemes that take nothing from a calibration set."""
    return Step("calibration set", f"{scheme} takes nothing from a calibration set", False)


def clipping(inputs: Sequence[SiteActivations]) -> Step:
    """How much of what flows into the layers the ranges of their codes leave out."""
    fixed = [site for site in inputs if site.beyond is not None]
    if not fixed:
        return Step("clipping", "no inputs are quantized with a fixed range", False)
    worst = max(fixed, key=lambda site: (_clips(site), site.beyond or 0.0, site.overshoot or 0.0))
    beyond, overshoot = worst.beyond or 0.0, worst.overshoot or 0.0
    said = (
        f"into {site_name(worst.layer, worst.site)}, {beyond:.3%} of the activations lie beyond the calibrated range, "
        f"the largest {overshoot:.2g} times as large"
    )
    evidence = ClippingEvidence(tuple(ClippedSite(s.layer, s.site, s.beyond, s.overshoot) for s in fixed))
    return Step("clipping", said, _clips(worst), evidence)


def _clips(site: SiteActivations) -> bool:
    return (site.beyond or 0.0) > CLIPPED_SHARE or (site.overshoot or 0.0) > OVERSHOOT


def outliers(floats: Sequence[SiteActivations]) -> Step:
    """Channels of the float model that are much larger than the others, and so take the codes for themselves."""
    found = [site for site in floats if site.n_outliers]
    worst = max(floats, key=lambda site: site.largest_ratio, default=None)
    if worst is None:
        return Step("outliers", "no activations were seen", False)
    if not found:
        said = f"no channel is more than {OUTLIER_RATIO:g} times the median one; the largest {worst.largest_ratio:.1f}"
    else:
        named = ", ".join(f"{c.index} ({c.ratio:.0f}×)" for c in worst.outliers)
        said = f"{worst.n_outliers} outlier channels into {worst.layer}: {named} the median channel"
    evidence = OutlierEvidence(
        tuple(OutlierSite(s.layer, s.site, s.largest_ratio, s.n_outliers, s.outliers) for s in floats)
    )
    return Step("outliers", said, bool(found), evidence)


def comparisons(tried: Sequence[Tried], before_bytes: int) -> list[Step]:
    """Questions that only a remedy answers: what it would recover. Last resorts may have been left untried."""
    questions = (
        ("observers", RANGE_CAUSE, "other observers"),
        ("set size", SET_CAUSE, "new calibration sets"),
        ("equalization", OUTLIER_CAUSE, "channel scales"),
        ("rounding", ROUNDING_CAUSE, "weights and biases fitted to the set"),
        ("layers", LAYER_CAUSE, "one layer in fp16"),
        ("mixed precision", MIXED, "last resort"),
        ("training", TRAINING_CAUSE, "last resort"),
    )
    steps = []
    for name, cause, what in questions:
        answers = [one for one in tried if one.attempt.cause == cause]
        if answers:
            best = max(answers, key=lambda one: one.remedy.recovered)
            evidence = TrialEvidence({one.remedy.name: one.remedy.recovered for one in answers})
            is_suspect = best.remedy.is_cure and own_share(best, tried) >= ENOUGH / 2
            steps.append(Step(name, f"{what}: {best.remedy.outcome}", is_suspect, evidence))
        elif cause in (MIXED, TRAINING_CAUSE):
            steps.append(Step(name, f"{what}, {_untried(tried, before_bytes)}", False))
    return steps


def _untried(tried: Sequence[Tried], before_bytes: int) -> str:
    best = next((one.remedy for one in ranked(tried, before_bytes)), None)
    return f"not needed: {best.name} is enough" if best is not None and best.is_cure else "not possible here"


def _named(text: str, name: str) -> str:
    """What is said of a library, said of the molecules of that name; commands between backticks stay as they are."""
    pieces = text.split("`")
    pieces[::2] = [
        piece.replace("library molecules", f"molecules of {name}").replace("the library", name) for piece in pieces[::2]
    ]
    return "`".join(pieces)
