"""Ways to quantize a float model again, each against one cause of a loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from molq.progress import SILENT, Progress
from molq.quant.layers import matrix_layers
from molq.quant.observers import AUTO, OBSERVERS
from molq.quant.scheme import SCHEMES, Scheme, get_scheme
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.training.config import TrainConfig
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.layers import quantizable_layers
from molq.workflows.precision.mixed import BASE
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.tuning.fine_tune import TuningMolecules, fine_tune

GIVEN = "given"
SET_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE = "calibration set", "outlier channels", "observer"
BOTH_CAUSE = f"{SET_CAUSE} and {OUTLIER_CAUSE}"
ROUNDING_CAUSE, LAYER_CAUSE, SCHEME_CAUSE = "weight rounding", "sensitive layer", "scheme"
TRAINING_CAUSE = "quantization after training"
AVOIDING = (LAYER_CAUSE, SCHEME_CAUSE, MIXED)
"""attempts that leave the scheme instead of mending what is wrong with it"""


@dataclass(frozen=True)
class Attempt:
    """A way to quantize the float model again."""

    name: str
    cause: str
    """what it would show to be at fault"""
    scheme: Scheme
    set_name: str
    """calibration set: GIVEN, or the size of a new one"""
    training: TrainConfig | None = None
    """of quantization-aware training; None for none"""

    @property
    def adds_set(self) -> bool:
        """Whether a new calibration set comes with an attempt that is for something else."""
        return self.has_new_set and self.cause not in (SET_CAUSE, BOTH_CAUSE)

    @property
    def has_new_set(self) -> bool:
        """Whether it takes anything from a calibration set other than the model's own."""
        return self.set_name != GIVEN and self.scheme.needs_calibration

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of ``workflows.tuning.quantize`` that make it, beside model, calibration set and molecules."""
        scheme = self.scheme
        plain = get_scheme(BASE if scheme.name == MIXED else scheme.name)
        changed = {
            "rounding": scheme.rounding,
            "equalize": scheme.equalize,
            "bias_correction": scheme.bias_correction,
        }
        found: dict[str, Any] = {"scheme": plain.name}
        if observers := _observers(scheme, plain):
            found["observer"] = observers
        found |= {name: value for name, value in changed.items() if value != getattr(plain, name)}
        if scheme.overrides:
            found["override"] = scheme.overrides
        if self.training is not None:
            found |= {"qat_epochs": self.training.epochs, "seed": self.training.seed}
        return found


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


def attempts(scheme: Scheme, sets: Mapping[str, CalibrationMolecules], model: Loaded) -> list[Attempt]:
    """Everything to try for a model of that scheme, with the calibration sets at hand; the specific ones first.

    Where the model's own set is not given, all that is calibrated is so with a new one, and its name says so.
    """
    new = [name for name in sets if name != GIVEN]
    here = GIVEN if GIVEN in sets or not new else new[min(1, len(new) - 1)]
    found = []
    if scheme.needs_calibration:
        found += [Attempt(f"new calibration set of {name}", SET_CAUSE, scheme, name) for name in new]
    if scheme.weights.startswith("int"):
        found += _for_channels(scheme, new, here) + _for_weights(scheme, here)
    if scheme.has_static_layers:
        found += [
            Attempt(f"observer {name}", RANGE_CAUSE, replace(scheme, observer=name, site_observers=()), here)
            for name in (*OBSERVERS, AUTO)
            if name != scheme.observer or scheme.site_observers
        ]
    layers = matrix_layers(model.network.members[0])
    found += [
        Attempt(f"{name} in fp16", LAYER_CAUSE, scheme.with_overrides((name, "fp16")), here)
        for name in quantizable_layers(model.network)
        if scheme.for_layer(name, layers[name].role).weights not in ("fp16", "fp32")
    ]
    found += [Attempt(f"scheme {name}", SCHEME_CAUSE, SCHEMES[name], here) for name in _other_schemes(scheme)]
    return [replace(a, name=f"{a.name}, new calibration set of {here}") if a.adds_set else a for a in found]


def make(
    attempt: Attempt,
    source: Loaded,
    sets: Mapping[str, CalibrationMolecules],
    molecules: TuningMolecules | None = None,
    progress: Progress = SILENT,
) -> QuantizedModel:
    """The float model of a file, quantized so; training needs ``molecules``."""
    made = quantize_loaded(source, attempt.scheme, sets.get(attempt.set_name), progress)
    if attempt.training is None:
        return made
    assert molecules is not None
    return fine_tune(source, made, molecules, attempt.training, progress).made


def _for_channels(scheme: Scheme, new: list[str], here: str) -> list[Attempt]:
    if scheme.equalize:
        return []
    equalized = replace(scheme, equalize=True)
    both = "new calibration set of {}, channels equalized"
    found = [Attempt("channels equalized", OUTLIER_CAUSE, equalized, here)]
    if scheme.needs_calibration:
        found += [Attempt(both.format(name), BOTH_CAUSE, equalized, name) for name in new if name != here]
    return found


def _for_weights(scheme: Scheme, here: str) -> list[Attempt]:
    """Other roundings, of which 8 bits seldom need the slow one, and corrected biases."""
    tried = ("gptq",) if scheme.weights == "int8" else ("gptq", "adaround")
    found = [
        Attempt(f"rounding {name}", ROUNDING_CAUSE, replace(scheme, rounding=name), here)
        for name in tried
        if name != scheme.rounding
    ]
    if not scheme.bias_correction:
        found.append(Attempt("bias correction", ROUNDING_CAUSE, replace(scheme, bias_correction=True), here))
    return found


def _other_schemes(scheme: Scheme) -> list[str]:
    """Schemes of more bits, or whose ranges need no calibration."""
    finer = {"int4": ["int8"], "int3": ["w4a8", "int8"], "int2": ["w4a8", "int8"]}.get(scheme.weights, [])
    dynamic = ["int8-dynamic"] if scheme.has_static_layers else []
    return [name for name in (*finer, *dynamic, "fp16") if name != scheme.name]


def _observers(scheme: Scheme, plain: Scheme) -> tuple[tuple[str, str], ...]:
    whole = (("*", scheme.observer),) if scheme.observer != plain.observer else ()
    return (*whole, *scheme.site_observers)


def _pairs(provenance: Mapping[str, Any], option: str) -> tuple[tuple[str, str], ...]:
    """What ``pattern=name`` texts of a card say."""
    pairs = [text.rpartition("=") for text in provenance.get(option, ())]
    return tuple((pattern, name) for pattern, _, name in pairs)
