"""Remedies for a quantized model that lost accuracy: each made from the float model, executed, and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from molq.quant.observers import OBSERVERS
from molq.quant.scheme import SCHEMES, Scheme, get_scheme
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.study.calibration import CalibrationMolecules
from molq.study.fidelity import Fidelity, Yardstick
from molq.study.quantized import QuantizedModel, parse_override, quantize_loaded
from molq.study.sensitivity import layer_bytes, quantizable_layers

GIVEN = "given"
ENOUGH = 0.8
"""share of the loss that a remedy must recover to count as a cure"""
SET_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE = "calibration set", "outlier channels", "observer"
BOTH_CAUSE = f"{SET_CAUSE} and {OUTLIER_CAUSE}"
LAYER_CAUSE, SCHEME_CAUSE = "sensitive layer", "scheme"


@dataclass(frozen=True)
class Treatment:
    """A way to quantize the float model again."""

    name: str
    cause: str
    """what it would show to be at fault"""
    scheme: Scheme
    set_name: str
    """calibration set: GIVEN, or the size of a new one"""


@dataclass(frozen=True)
class Remedy:
    """A treatment, executed."""

    treatment: Treatment
    size_bytes: int
    """of the layers; files differ by them alone"""
    fidelity: Fidelity
    recovered: float
    """share of the mean squared score error that is gone"""

    def fields(self) -> dict[str, Any]:
        """In JSON types."""
        scheme = self.treatment.scheme
        return {
            "name": self.treatment.name,
            "cause": self.treatment.cause,
            "scheme": scheme.name,
            "observer": scheme.observer,
            "equalize": scheme.equalize,
            "overrides": [f"{pattern}={name}" for pattern, name in scheme.overrides],
            "calibration_set": self.treatment.set_name,
            "layer_bytes": self.size_bytes,
            "recovered": self.recovered,
            **self.fidelity.fields(),
        }


def scheme_of(model: Loaded) -> Scheme:
    """The scheme a file was quantized with, from its card: with its observer and overrides."""
    card = model.card
    overrides = [parse_override(text) for text in (card.provenance or {}).get("overrides", ())]
    observer = (card.calibration or {}).get("observer", "minmax")
    name = model.model.scheme
    base = replace(get_scheme("int8" if name == MIXED else name), name=name)
    return replace(base, observer=observer if observer in OBSERVERS else "minmax").with_overrides(*overrides)


def treatments(scheme: Scheme, sets: Mapping[str, CalibrationMolecules], model: Loaded) -> list[Treatment]:
    """Everything to try for a model of that scheme, with the calibration sets at hand."""
    new = [name for name in sets if name != GIVEN]
    here = GIVEN if GIVEN in sets or not new else new[min(1, len(new) - 1)]
    equalized = replace(scheme, equalize=True)
    found = [Treatment(f"new calibration set of {name} molecules", SET_CAUSE, scheme, name) for name in new]
    if not scheme.has_static_layers:
        found = []
    if not scheme.equalize:
        found.append(Treatment("scales of channels equalized", OUTLIER_CAUSE, equalized, here))
        both = "new calibration set of {} molecules, scales of channels equalized"
        found += [Treatment(both.format(n), BOTH_CAUSE, equalized, n) for n in new if n != here]
    if scheme.has_static_layers:
        found += [
            Treatment(f"observer {observer}", RANGE_CAUSE, replace(scheme, observer=observer), here)
            for observer in OBSERVERS
            if observer != scheme.observer
        ]
        found.append(Treatment("scheme int8-dynamic", SCHEME_CAUSE, SCHEMES["int8-dynamic"], here))
    found += [
        Treatment(f"{layer} in fp16", LAYER_CAUSE, scheme.with_overrides((layer, "fp16")), here)
        for layer in quantizable_layers(model.model)
    ]
    found.append(Treatment("scheme fp16", SCHEME_CAUSE, SCHEMES["fp16"], here))
    return found


def make(treatment: Treatment, source: Loaded, sets: Mapping[str, CalibrationMolecules]) -> QuantizedModel:
    """The float model of a file, treated."""
    return quantize_loaded(source, treatment.scheme, sets.get(treatment.set_name))


def ranked(remedies: list[Remedy], before_bytes: int) -> list[Remedy]:
    """Cures first, by size, then those that keep the scheme, those that change one thing, and by what they recover.

    Remedies that do not cure come after them, by what they recover.
    """

    def key(remedy: Remedy) -> tuple[Any, ...]:
        if remedy.recovered < ENOUGH:
            return (1, 0, 0, 0, -remedy.recovered)
        growth = round(remedy.size_bytes / before_bytes, 1)
        changes_scheme = remedy.treatment.cause in (SCHEME_CAUSE, LAYER_CAUSE, MIXED)
        is_twofold = remedy.treatment.cause == BOTH_CAUSE
        return (0, growth, changes_scheme, is_twofold, -remedy.recovered)

    return sorted(remedies, key=key)


def quantize_command(treatment: Treatment, model: Path, given: Path | None) -> str:
    """The ``molq quantize`` line that makes what the treatment made; a new calibration set is called NEW.csv."""
    scheme = treatment.scheme
    words = ["molq quantize", str(model), "--scheme", scheme.name]
    if scheme.needs_calibration:
        words += ["--calibset", str(given) if treatment.set_name == GIVEN else "NEW.csv"]
    words += ["--observer", scheme.observer] if scheme.observer != "minmax" else []
    words += ["--equalize"] if scheme.equalize else []
    words += [f"--override '{pattern}={name}'" for pattern, name in scheme.overrides]
    return " ".join([*words, "-o FIXED.molq"])


def execute(
    treatment: Treatment, source: Loaded, sets: Mapping[str, CalibrationMolecules], on: Yardstick, before: Fidelity
) -> Remedy:
    """The treatment made, executed and compared with the model before it."""
    model = make(treatment, source, sets).model
    fidelity = on.compare(model)
    return Remedy(treatment, sum(layer_bytes(model).values()), fidelity, recovered(before, fidelity))


def recovered(before: Fidelity, after: Fidelity) -> float:
    """Share of the mean squared score error that is gone; 0 when there was none, negative when it grew."""
    return 1 - after.score_mse / before.score_mse if before.score_mse > 0 else 0.0
