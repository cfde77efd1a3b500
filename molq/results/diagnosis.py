"""Why a quantized model lost accuracy, what was found at every step, and what remedies came to."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import field

from molq.results.changes import ScoreChange
from molq.results.fidelity import Fidelity, ProbeSection
from molq.results.plain import plain
from molq.results.sensitivity import Channel, SiteActivations
from molq.results.shown import Result
from molq.results.validation import RepresentativeVerdict, SetLikeness
from molq.results.yardstick import YardstickSection

ENOUGH = 0.8
"""share of what was lost that a remedy must recover to count as a cure"""
NOTICEABLE = 0.05
"""share of the logits' error below which a change of it is not worth a word"""


class DiagnosedModel(Result, frozen=True):
    """The quantized model, and the float model that it is held against."""

    path: str
    scheme: str
    content_hash: str
    size_bytes: int
    layer_bytes: int
    """of its layers alone"""
    reference: str
    """path of the float model"""


class BaselineEvidence(Result, frozen=True):
    """The float model's metric, where labels define it."""

    quantized_from_reference: bool | None
    """None when the model does not say what it was made from"""
    value: float | None = None
    low: float | None = None
    high: float | None = None


class SetReason(Result, frozen=True):
    """Why a calibration set is less than representative, and what to do about it."""

    statistic: str
    finding: str
    remedy: str


class SetEvidence(Result, frozen=True):
    """The calibration set against the molecules that it shall represent; of a set too small to judge, its size."""

    molecules: int
    is_the_models_own: bool | None = None
    """None when the model does not say"""
    verdict: RepresentativeVerdict | None = None
    p_value: float | None = None
    reasons: tuple[SetReason, ...] = ()
    """the worst first"""
    missing: tuple[tuple[str, float], ...] = ()
    """scaffolds that the set lacks, with the share of molecules behind each"""
    likeness: SetLikeness | None = None


class ClippedSite(Result, frozen=True):
    """What the range of a call site leaves out."""

    layer: str
    site: int
    beyond: float | None
    overshoot: float | None


class ClippingEvidence(Result, frozen=True):
    """Every call site of a fixed range."""

    sites: tuple[ClippedSite, ...]


class OutlierSite(Result, frozen=True):
    """Channels of a call site that are much larger than the median one."""

    layer: str
    site: int
    largest_ratio: float
    n_outliers: int
    channels: tuple[Channel, ...]


class OutlierEvidence(Result, frozen=True):
    """Every call site of the float model."""

    sites: tuple[OutlierSite, ...]


class TrialEvidence(Result, frozen=True):
    """What each remedy against one cause recovered."""

    recovered: dict[str, float]
    """name of the remedy → share of what was lost"""


Evidence = BaselineEvidence | Fidelity | SetEvidence | ClippingEvidence | OutlierEvidence | TrialEvidence


class Step(Result, frozen=True):
    """One question of the workflow, answered."""

    name: str
    finding: str
    is_suspect: bool
    evidence: Evidence | None = None


class Cause(Result, frozen=True):
    """What is at fault."""

    name: str
    because: tuple[str, ...]
    """what steps found that speaks for it, and what its remedy came to"""
    recovered: float
    """of what was lost, by the best remedy against this cause alone"""


class Remedy(Result, frozen=True):
    """A way to quantize the float model again, made, executed and compared."""

    name: str
    cause: str
    """what it would show to be at fault"""
    scheme: str
    observer: str
    site_observers: tuple[str, ...]
    """``pattern=name``"""
    rounding: str
    equalize: bool
    bias_correction: bool
    overrides: tuple[str, ...]
    """``pattern=scheme``"""
    calibration_set: str
    """``given``, or the size of a new one"""
    qat_epochs: int | None
    """of quantization-aware training; None for none"""
    layer_bytes: int
    """of the layers; files differ by them alone"""
    recovered_noise: float
    """share of the mean squared error of the logits that is gone; negative when it grew"""
    recovered_loss: float | None
    """share of the loss of the metric that is gone; None when there was no material loss"""
    fidelity: Fidelity

    @property
    def recovered(self) -> float:
        """Share of what was lost that is back: in the logits and, where the metric had suffered, in the metric too."""
        return min(self.recovered_noise, 1.0 if self.recovered_loss is None else self.recovered_loss)

    @property
    def is_cure(self) -> bool:
        """Whether it recovers enough, and leaves nothing to mend."""
        return self.recovered >= ENOUGH and self.fidelity.is_healthy

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        if abs(self.recovered_noise) < NOTICEABLE:
            return f"{self.name} makes little difference"
        if self.recovered_noise < 0:
            return f"{self.name} makes the error of the logits {1 - self.recovered_noise:.1f} times as large"
        said = f"{self.name} recovers {self.recovered_noise:.1%} of the error of the logits"
        return said if self.recovered_loss is None else f"{said} and {self.recovered_loss:.1%} of the metric's loss"


class Fixed(Result, frozen=True):
    """The mended model that was written."""

    path: str
    size_bytes: int
    content_hash: str
    remedy: str
    calibset: str | None = None
    """file of the new calibration set; None where none was needed"""
    command: str | None = None
    """that makes the model again from that set"""


class Diagnosis(Result, frozen=True):
    """Steps in order, causes with the main one first, remedies with the best one first."""

    model: DiagnosedModel
    probe: ProbeSection = field(name="target")
    statistics: YardstickSection
    is_healthy: bool
    before: Fidelity
    steps: tuple[Step, ...]
    causes: tuple[Cause, ...]
    remedies: tuple[Remedy, ...]
    sites: tuple[SiteActivations, ...]
    """inputs of the diagnosed model's layers on the target, with its ranges; of the first member"""
    commands: tuple[str, ...] | None = None
    """that apply the best remedy; None where there is none, or no command line"""
    fixed: Fixed | None = None
    """None unless the best remedy was applied"""
    changes: tuple[ScoreChange, ...] = ()
    """molecules that the diagnosed model moved farthest from the float model"""

    @property
    def best(self) -> Remedy | None:
        """The remedy to apply; None when none recovers anything."""
        return next((remedy for remedy in self.remedies if remedy.recovered > 0), None)

    @property
    def larger(self) -> Remedy | None:
        """The remedy that recovers most, where it recovers more than the best one in more bytes."""
        best = self.best
        most = max(self.remedies, key=lambda remedy: remedy.recovered, default=None)
        if best is None or most is None:
            return None
        return most if most.recovered > best.recovered and most.layer_bytes > best.layer_bytes else None


@plain.register
def _baseline(value: BaselineEvidence) -> dict[str, Any]:
    return _stated(value)


@plain.register
def _set(value: SetEvidence) -> dict[str, Any]:
    return {"molecules": value.molecules} if value.verdict is None else _every(value)


@plain.register
def _trial(value: TrialEvidence) -> dict[str, Any]:
    return dict(value.recovered)


@plain.register
def _step(value: Step) -> dict[str, Any]:
    return _every(value) | ({"evidence": {}} if value.evidence is None else {})


@plain.register
def _remedy(value: Remedy) -> dict[str, Any]:
    fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__ if name != "fidelity"}
    return {**fields, "recovered": value.recovered, **plain(value.fidelity)}


@plain.register
def _fixed(value: Fixed) -> dict[str, Any]:
    return _stated(value)


@plain.register
def _diagnosis(value: Diagnosis) -> dict[str, Any]:
    return _stated(value)


def _every(value: msgspec.Struct) -> dict[str, Any]:
    return {name: plain(getattr(value, name)) for name in value.__struct_fields__}


def _stated(value: msgspec.Struct) -> dict[str, Any]:
    """Without fields that are None by default and still are."""
    fields = msgspec.structs.fields(value)
    return {
        f.encode_name: plain(getattr(value, f.name)) for f in fields if f.required or getattr(value, f.name) is not None
    }
