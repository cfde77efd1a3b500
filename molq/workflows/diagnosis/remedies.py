"""Remedies for a quantized model that lost accuracy: each made from the float model, executed, and compared."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from molq.quant.layers import matrix_layers
from molq.quant.observers import AUTO, OBSERVERS
from molq.quant.scheme import SCHEMES, Scheme, get_scheme
from molq.results.fidelity import Fidelity
from molq.results.plain import plain
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.training.config import TrainConfig
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.mixed import BASE
from molq.workflows.precision.quantized import QuantizedModel, parse_override, quantize_loaded
from molq.workflows.precision.sensitivity import layer_bytes, quantizable_layers
from molq.workflows.tuning.fine_tune import TuningMolecules, fine_tune

GIVEN = "given"
ENOUGH = 0.8
"""share of what was lost that a remedy must recover to count as a cure"""
NOTICEABLE = 0.05
SET_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE = "calibration set", "outlier channels", "observer"
BOTH_CAUSE = f"{SET_CAUSE} and {OUTLIER_CAUSE}"
ROUNDING_CAUSE, LAYER_CAUSE, SCHEME_CAUSE = "weight rounding", "sensitive layer", "scheme"
TRAINING_CAUSE = "quantization after training"
AVOIDING = (LAYER_CAUSE, SCHEME_CAUSE, MIXED)
"""remedies that leave the scheme instead of mending what is wrong with it"""


@dataclass(frozen=True)
class Treatment:
    """A way to quantize the float model again."""

    name: str
    cause: str
    """what it would show to be at fault"""
    scheme: Scheme
    set_name: str
    """calibration set: GIVEN, or the size of a new one"""
    training: TrainConfig | None = None
    """of quantization-aware training; None for none"""


@dataclass(frozen=True)
class Remedy:
    """A treatment, executed."""

    treatment: Treatment
    size_bytes: int
    """of the layers; files differ by them alone"""
    fidelity: Fidelity
    recovered_noise: float
    """share of the mean squared error of the logits that is gone; negative when it grew"""
    recovered_loss: float | None
    """share of the loss of the metric that is gone; None when there was no material loss"""

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
            return f"{self.treatment.name} makes little difference"
        if self.recovered_noise < 0:
            return f"{self.treatment.name} makes the error of the logits {1 - self.recovered_noise:.1f} times as large"
        said = f"{self.treatment.name} recovers {self.recovered_noise:.1%} of the error of the logits"
        return said if self.recovered_loss is None else f"{said} and {self.recovered_loss:.1%} of the metric's loss"

    def fields(self) -> dict[str, Any]:
        """In JSON types."""
        scheme = self.treatment.scheme
        return {
            "name": self.treatment.name,
            "cause": self.treatment.cause,
            "scheme": scheme.name,
            "observer": scheme.observer,
            "site_observers": [f"{pattern}={name}" for pattern, name in scheme.site_observers],
            "rounding": scheme.rounding,
            "equalize": scheme.equalize,
            "bias_correction": scheme.bias_correction,
            "overrides": [f"{pattern}={name}" for pattern, name in scheme.overrides],
            "calibration_set": self.treatment.set_name,
            "qat_epochs": self.treatment.training.epochs if self.treatment.training else None,
            "layer_bytes": self.size_bytes,
            "recovered": self.recovered,
            "recovered_noise": self.recovered_noise,
            "recovered_loss": self.recovered_loss,
            **plain(self.fidelity),
        }


def scheme_of(model: Loaded) -> Scheme:
    """The scheme a file was quantized with, from its card: with all options, observers and overrides."""
    provenance, calibration = model.card.provenance or {}, model.card.calibration or {}
    name, observer = model.network.scheme, calibration.get("observer", "minmax")
    return replace(
        get_scheme(BASE if name == MIXED else name),
        name=name,
        observer=observer if observer in (*OBSERVERS, AUTO) else "minmax",
        site_observers=_pairs(provenance, "site_observers"),
        rounding=provenance.get("rounding", "nearest"),
        equalize=provenance.get("equalize", False),
        bias_correction=provenance.get("bias_correction", False),
    ).with_overrides(*_pairs(provenance, "overrides"))


def treatments(scheme: Scheme, sets: Mapping[str, CalibrationMolecules], model: Loaded) -> list[Treatment]:
    """Everything to try for a model of that scheme, with the calibration sets at hand; the specific ones first.

    Where the model's own set is not given, all that is calibrated is so with a new one, and its name says so.
    """
    new = [name for name in sets if name != GIVEN]
    here = GIVEN if GIVEN in sets or not new else new[min(1, len(new) - 1)]
    found = []
    if scheme.needs_calibration:
        found += [Treatment(f"new calibration set of {name}", SET_CAUSE, scheme, name) for name in new]
    if scheme.weights.startswith("int"):
        found += _for_channels(scheme, new, here) + _for_weights(scheme, here)
    if scheme.has_static_layers:
        found += [
            Treatment(f"observer {name}", RANGE_CAUSE, replace(scheme, observer=name, site_observers=()), here)
            for name in (*OBSERVERS, AUTO)
            if name != scheme.observer or scheme.site_observers
        ]
    layers = matrix_layers(model.network.members[0])
    found += [
        Treatment(f"{name} in fp16", LAYER_CAUSE, scheme.with_overrides((name, "fp16")), here)
        for name in quantizable_layers(model.network)
        if scheme.for_layer(name, layers[name].role).weights not in ("fp16", "fp32")
    ]
    found += [Treatment(f"scheme {name}", SCHEME_CAUSE, SCHEMES[name], here) for name in _other_schemes(scheme)]
    return [replace(t, name=f"{t.name}, new calibration set of {here}") if _adds_set(t) else t for t in found]


def make(
    treatment: Treatment,
    source: Loaded,
    sets: Mapping[str, CalibrationMolecules],
    molecules: TuningMolecules | None = None,
) -> QuantizedModel:
    """The float model of a file, treated; training needs ``molecules``."""
    made = quantize_loaded(source, treatment.scheme, sets.get(treatment.set_name))
    if treatment.training is None:
        return made
    assert molecules is not None
    return fine_tune(source, made, molecules, treatment.training).made


def execute(
    treatment: Treatment,
    source: Loaded,
    sets: Mapping[str, CalibrationMolecules],
    on: Yardstick,
    before: Fidelity,
    molecules: TuningMolecules | None = None,
) -> Remedy:
    """The treatment made, executed and compared with the model before it."""
    model = make(treatment, source, sets, molecules).network
    after = on.compare(model)
    noise = 1 - after.logit_mse / before.logit_mse if before.logit_mse > 0 else 0.0
    loss = None
    if before.is_material and before.loss is not None and after.loss is not None:
        loss = 1 - after.loss.value / before.loss.value
    return Remedy(treatment, sum(layer_bytes(model).values()), after, noise, loss)


def own_share(remedy: Remedy, tried: Iterable[Remedy]) -> float:
    """Share recovered of what the new calibration set that came with the remedy leaves; 0 where the set is a cure."""
    alone = {r.treatment.set_name: r for r in tried if r.treatment.cause == SET_CAUSE}
    with_set = alone.get(remedy.treatment.set_name)
    if with_set is None or not _adds_set(remedy.treatment):
        return remedy.recovered
    left = 1 - with_set.recovered
    return 0.0 if with_set.is_cure or left <= 0 else 1 - (1 - remedy.recovered) / left


def ranked(remedies: list[Remedy], before_bytes: int) -> list[Remedy]:
    """Cures first, by size, then those that keep the scheme, those that change one thing, and by what they recover.

    Remedies that do not cure come after them, by what they recover.
    """

    needs_set = any(remedy.treatment.cause == SET_CAUSE for remedy in remedies)

    def key(remedy: Remedy) -> tuple[Any, ...]:
        if not remedy.is_cure:
            return (1, 0, 0, 0, -remedy.recovered)
        growth = round(remedy.size_bytes / before_bytes, 1)
        leaves_scheme = remedy.treatment.cause in AVOIDING
        is_twofold = remedy.treatment.cause == BOTH_CAUSE or (needs_set and _adds_set(remedy.treatment))
        return (0, growth, leaves_scheme, is_twofold, -remedy.recovered)

    return sorted(remedies, key=key)


def quantize_command(
    treatment: Treatment, model: Path, data: str, output: Path, smiles_column: str | None, calibset: Path | None
) -> str:
    """The ``molq quantize`` line that makes what the treatment makes, for a shell."""
    scheme = treatment.scheme
    plain = get_scheme(BASE if scheme.name == MIXED else scheme.name)
    words = ["molq", "quantize", str(model), "--scheme", plain.name]
    if scheme.needs_calibration and calibset is not None:
        words += ["--calibset", str(calibset)]
    words += ["--observer", scheme.observer] if scheme.observer != plain.observer else []
    words += [word for pattern, name in scheme.site_observers for word in ("--observer", f"{pattern}={name}")]
    words += ["--rounding", scheme.rounding] if scheme.rounding != plain.rounding else []
    for option in ("equalize", "bias_correction"):
        if getattr(scheme, option) != getattr(plain, option):
            flag = option.replace("_", "-")
            words.append(f"--{flag}" if getattr(scheme, option) else f"--no-{flag}")
    words += [word for pattern, name in scheme.overrides for word in ("--override", f"{pattern}={name}")]
    if treatment.training is not None:
        words += ["--qat-epochs", str(treatment.training.epochs), "--data", data]
        words += ["--smiles-column", smiles_column] if smiles_column else []
        words += ["--seed", str(treatment.training.seed)]
    return shlex.join([*words, "-o", str(output)])


def _adds_set(treatment: Treatment) -> bool:
    """Whether a new calibration set comes with a treatment that is for something else."""
    is_new = treatment.set_name != GIVEN and treatment.scheme.needs_calibration
    return is_new and treatment.cause not in (SET_CAUSE, BOTH_CAUSE)


def _for_channels(scheme: Scheme, new: list[str], here: str) -> list[Treatment]:
    if scheme.equalize:
        return []
    equalized = replace(scheme, equalize=True)
    both = "new calibration set of {}, channels equalized"
    found = [Treatment("channels equalized", OUTLIER_CAUSE, equalized, here)]
    if scheme.needs_calibration:
        found += [Treatment(both.format(name), BOTH_CAUSE, equalized, name) for name in new if name != here]
    return found


def _for_weights(scheme: Scheme, here: str) -> list[Treatment]:
    """Other roundings, of which 8 bits seldom need the slow one, and corrected biases."""
    tried = ("gptq",) if scheme.weights == "int8" else ("gptq", "adaround")
    found = [
        Treatment(f"rounding {name}", ROUNDING_CAUSE, replace(scheme, rounding=name), here)
        for name in tried
        if name != scheme.rounding
    ]
    if not scheme.bias_correction:
        found.append(Treatment("bias correction", ROUNDING_CAUSE, replace(scheme, bias_correction=True), here))
    return found


def _other_schemes(scheme: Scheme) -> list[str]:
    """Schemes of more bits, or whose ranges need no calibration."""
    finer = {"int4": ["int8"], "int3": ["w4a8", "int8"], "int2": ["w4a8", "int8"]}.get(scheme.weights, [])
    dynamic = ["int8-dynamic"] if scheme.has_static_layers else []
    return [name for name in (*finer, *dynamic, "fp16") if name != scheme.name]


def _pairs(provenance: Mapping[str, Any], option: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_override(text) for text in provenance.get(option, ()))
