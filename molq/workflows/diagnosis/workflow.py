"""Why a quantized model lost accuracy, and what to do: steps with their evidence, then remedies that were measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import CalibrationSpec
from molq.chem.packed import batches
from molq.errors import InputError, UnsupportedError
from molq.results.fidelity import Fidelity
from molq.results.plain import plain
from molq.store.molqfile import Loaded
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.diagnosis.causes import Cause, causes
from molq.workflows.diagnosis.last_resorts import mixed, needs_mixed, needs_training, trained
from molq.workflows.diagnosis.remedies import GIVEN, Remedy, execute, ranked, scheme_of, treatments
from molq.workflows.diagnosis.steps import (
    LEAST_MOLECULES,
    Step,
    baseline,
    calibration_set,
    clipping,
    comparisons,
    drop,
    no_calibration,
    outliers,
)
from molq.workflows.precision.activations import SiteActivations, site_activations
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.sensitivity import layer_bytes
from molq.workflows.tuning.fine_tune import TuningMolecules

SET_SIZES = (100, 200, 500)
Listen = Callable[[str], None]


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
    sites: list[SiteActivations]
    """inputs of the diagnosed model's layers on the target, with its ranges; of the first member"""
    sets: dict[str, CalibrationMolecules]

    @property
    def best(self) -> Remedy | None:
        """The remedy to apply; None when none recovers anything."""
        return next((r for r in self.remedies if r.recovered > 0), None)

    def to_dict(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "model": self.model,
            "target": self.target,
            "statistics": self.statistics,
            "is_healthy": self.is_healthy,
            "before": plain(self.before),
            "steps": [step.__dict__ for step in self.steps],
            "causes": [cause.__dict__ for cause in self.causes],
            "remedies": [remedy.fields() for remedy in self.remedies],
            "sites": [site.to_dict() for site in self.sites],
        }


def diagnose(
    quantized: Loaded,
    reference: Loaded,
    on: Yardstick,
    given: CalibrationMolecules | None = None,
    molecules: Callable[[], TuningMolecules] | None = None,
    *,
    seed: int = 0,
    listen: Listen | None = None,
) -> Diagnosis:
    """The workflow on a quantized model, its float ``reference``, and the molecules of the yardstick.

    ``given`` is the calibration set the model was made with, if at hand. ``molecules`` gives those to learn from in
    quantization-aware training, which is left out without them. ``listen`` is told the name of each step. A healthy
    model is left in peace: no remedy is tried. Raises UnsupportedError when the models are not a quantized one and a
    float one of the same network, InputError when there are too few molecules to tell.
    """
    check_pair(quantized, reference)
    if on.probe.graphs.n_mols < LEAST_MOLECULES:
        raise InputError(
            f"{on.probe.name} has {on.probe.graphs.n_mols} molecules to compare on; give {LEAST_MOLECULES} or more"
        )
    told = listen or (lambda _name: None)
    scheme = scheme_of(quantized)
    told("baseline, size of the drop")
    before = on.compare(quantized.network)
    steps = [baseline(quantized, reference, on), drop(before, on)]
    told("calibration set")
    is_calibrated = scheme.needs_calibration
    steps.append(calibration_set(quantized, given, on, seed) if is_calibrated else no_calibration(scheme.name))
    told("activations")
    inputs = site_activations(quantized.network.members[0], batches(on.probe.graphs))
    floats = site_activations(reference.network.members[0], batches(on.probe.graphs), {})
    steps += [clipping(inputs), outliers(floats)]
    n_bytes = sum(layer_bytes(quantized.network).values())
    remedies: list[Remedy] = []
    sets: dict[str, CalibrationMolecules] = {GIVEN: given} if given else {}
    if not before.is_healthy:
        told("new calibration sets")
        sets |= _new_sets(on, seed)
        for treatment in treatments(scheme, sets, reference):
            told(treatment.name)
            remedies.append(execute(treatment, reference, sets, on, before))
        if needs_mixed(remedies):
            told("mixed precision")
            remedies += mixed(quantized, reference, sets, on, before, remedies)
        if molecules is not None and needs_training(remedies, n_bytes):
            told("quantization-aware training")
            remedies += trained(quantized, reference, sets, on, before, remedies, molecules(), seed)
        steps += comparisons(remedies)
    return Diagnosis(
        model={
            "path": str(quantized.path),
            "scheme": scheme.name,
            "content_hash": quantized.content_hash,
            "size_bytes": quantized.size_bytes,
            "layer_bytes": n_bytes,
            "reference": str(reference.path),
        },
        target=plain(on.probe.section),
        statistics={"metric": on.metric, "margin": on.margin, "n_resamples": on.n_resamples, "seed": on.seed},
        is_healthy=before.is_healthy,
        before=before,
        steps=steps,
        causes=causes(remedies, steps),
        remedies=ranked(remedies, n_bytes),
        sites=inputs,
        sets=sets,
    )


def check_pair(quantized: Loaded, reference: Loaded) -> None:
    """Raises UnsupportedError unless the first is a quantized model and the second a float one of the same network."""
    if reference.network.scheme != "fp32":
        raise UnsupportedError(f"--reference {reference.path} is {reference.network.scheme}; name the fp32 model")
    if quantized.network.scheme == "fp32":
        raise UnsupportedError(f"{quantized.path} is fp32; name a quantized model, and the fp32 one with --reference")
    if [m.config for m in quantized.network.members] != [m.config for m in reference.network.members]:
        raise UnsupportedError(f"{quantized.path} and {reference.path} are different networks")


def _new_sets(on: Yardstick, seed: int) -> dict[str, CalibrationMolecules]:
    """Sets chosen by scaffold from the pool, as large as it allows."""
    n_distinct = len(set(on.probe.pool))
    sizes = [n for n in SET_SIZES if n <= n_distinct * 0.9] or [max(n_distinct // 2, 1)]
    return {
        str(n): calibration_molecules(build_calibset(on.probe.pool, CalibrationSpec("scaffold", n, seed)))
        for n in sizes
    }
