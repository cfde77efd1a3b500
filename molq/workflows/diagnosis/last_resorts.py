"""What is tried when nothing simpler cures a model: a precision per layer, then quantization-aware training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from molq.errors import InputError
from molq.quant.scheme import Scheme
from molq.results.fidelity import Fidelity
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.diagnosis.remedies import AVOIDING, TRAINING_CAUSE, Remedy, Treatment, execute, scheme_of
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.mixed import Budget, mixed_scheme, search_mixed
from molq.workflows.tuning.fine_tune import TuningMolecules, tuning_settings

GROWTH = 1.6
"""largest file that still counts as small, times the diagnosed one; 16 bits in all layers are twice the bytes of 8"""
EPOCHS = 10


def needs_mixed(remedies: list[Remedy]) -> bool:
    """Whether no remedy that keeps the scheme is a cure."""
    return not any(remedy.is_cure and remedy.treatment.cause not in AVOIDING for remedy in remedies)


def needs_training(remedies: list[Remedy], before_bytes: int) -> bool:
    """Whether no remedy that keeps the model small is a cure."""
    return not any(remedy.is_cure and remedy.size_bytes <= GROWTH * before_bytes for remedy in remedies)


def mixed(
    quantized: Loaded,
    reference: Loaded,
    sets: Mapping[str, CalibrationMolecules],
    on: Yardstick,
    before: Fidelity,
    tried: list[Remedy],
) -> list[Remedy]:
    """The most faithful mixed file of at most GROWTH times the size, on the set and with the options that did best."""
    scheme, name = _start(quantized, sets, tried)
    template = replace(scheme, overrides=())
    budget = Budget(max_bytes=int(GROWTH * quantized.size_bytes))
    try:
        search = search_mixed(reference, sets[name], on, budget, template=template, measure_front=False)
    except InputError:
        return []
    treatment = Treatment("a precision per layer", MIXED, mixed_scheme(search.chosen.options, template), name)
    return [execute(treatment, reference, sets, on, before)]


def trained(
    quantized: Loaded,
    reference: Loaded,
    sets: Mapping[str, CalibrationMolecules],
    on: Yardstick,
    before: Fidelity,
    tried: list[Remedy],
    molecules: TuningMolecules,
    seed: int,
) -> list[Remedy]:
    """The model of the set and options that did best, after EPOCHS of imitating the float model."""
    scheme, name = _start(quantized, sets, tried)
    if not scheme.weights.startswith("int"):
        return []
    training = tuning_settings(EPOCHS, seed)
    what = f"{EPOCHS} epochs of training" + ("" if on.probe.side else ", on molecules it is judged by")
    treatment = Treatment(what, TRAINING_CAUSE, scheme, name, training)
    return [execute(treatment, reference, sets, on, before, molecules)]


def _start(quantized: Loaded, sets: Mapping[str, CalibrationMolecules], tried: list[Remedy]) -> tuple[Scheme, str]:
    """Scheme and calibration set of the best remedy that keeps the scheme; those of the model when none helps."""
    kept = [r for r in tried if r.treatment.cause not in AVOIDING and r.recovered > 0]
    if not kept:
        return scheme_of(quantized), next(iter(sets))
    best = max(kept, key=lambda r: r.recovered).treatment
    return best.scheme, best.set_name
