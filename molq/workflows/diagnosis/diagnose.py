"""Why a quantized model lost accuracy, and what to do: steps with their evidence, then remedies that were measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import CalibrationSpec, ChosenSet
from molq.chem.packed import batches
from molq.chem.recipe import Recipe
from molq.errors import InputError, UnsupportedError
from molq.progress import SILENT, Progress
from molq.results.diagnosis import DiagnosedModel, Diagnosis, Step
from molq.results.sensitivity import SiteActivations
from molq.store.molqfile import Loaded
from molq.workflows.compare.fidelity import N_RESAMPLES, Yardstick, yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.diagnosis.attempts import GIVEN, Attempt, attempts, scheme_of
from molq.workflows.diagnosis.causes import causes
from molq.workflows.diagnosis.last_resorts import mixed, needs_mixed, needs_training, trained
from molq.workflows.diagnosis.steps import (
    LEAST_MOLECULES,
    baseline,
    calibration_set,
    clipping,
    comparisons,
    drop,
    no_calibration,
    outliers,
)
from molq.workflows.diagnosis.trials import Trials, Tried, ranked
from molq.workflows.precision.activations import site_activations
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.tuning.fine_tune import tuning_molecules

SET_SIZES = (100, 200, 500)


class Mended(NamedTuple):
    """The best remedy applied: the model, and the new calibration set that it took, if it took one."""

    made: QuantizedModel
    calibset: ChosenSet | None


@dataclass(frozen=True)
class Diagnosed:
    """A diagnosis, and all that is needed to apply its best remedy."""

    found: Diagnosis
    best: Attempt | None
    """None when no remedy recovers anything"""
    trials: Trials

    def fix(self, progress: Progress = SILENT) -> Mended | None:
        """The float model quantized again with the best remedy; None when there is nothing to mend."""
        if self.best is None:
            return None
        progress.stage(self.best.name)
        made = self.trials.make(self.best, progress)
        return Mended(made, self.trials.sets[self.best.set_name].calibset if self.best.has_new_set else None)


def diagnose(
    quantized: Loaded,
    reference: Loaded,
    data: str,
    calibset: ChosenSet | None = None,
    *,
    all_rows: bool = False,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    resamples: int = N_RESAMPLES,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Diagnosed:
    """The workflow on a quantized model, the float ``reference`` it was made from, and the molecules of ``data``.

    ``data`` is a registered data set or a file, labelled or not; of a set that the model was trained on, its test
    molecules count, or all with ``all_rows``. ``calibset`` is the set the model was made with, if at hand. A healthy
    model is left in peace: no remedy is tried. Raises UnsupportedError when the models are not a quantized one and a
    float one of the same network, InputError when there are too few molecules to tell.
    """
    check_pair(quantized, reference)
    progress.stage("molecules")
    side = None if all_rows else "test"
    probe = read_probe(
        data,
        reference,
        side=side,
        smiles_column=smiles_column,
        format=format,
        censored=censored,
        seed=seed,
        progress=progress,
    )
    if probe.graphs.n_mols < LEAST_MOLECULES:
        raise InputError(
            f"{probe.name} has {probe.graphs.n_mols} molecules to compare on; give {LEAST_MOLECULES} or more"
        )
    given = None if calibset is None else calibration_molecules(calibset, reference.network.recipe)
    progress.stage("size of the drop")
    on = yardstick(reference.network, probe, n_resamples=resamples, seed=seed)
    before = on.compare(quantized.network)
    source = [data] if smiles_column is None else [data, "--smiles-column", smiles_column]
    source += [] if format is None else ["--format", format]
    progress.stage("calibration set")
    about_set = _set_step(quantized, given, on, source, seed, progress)
    steps = [baseline(quantized, reference, on), drop(before, on), about_set]
    progress.stage("activations")
    seen = partial(batches, probe.graphs, progress=progress)
    inputs = site_activations(quantized.network.members[0], seen(), smiles=probe.smiles)
    floats = site_activations(reference.network.members[0], seen(), {}, probe.smiles)
    steps += [clipping(inputs), outliers(floats)]
    sets = {GIVEN: given} if given else {}
    if not before.is_healthy:
        progress.stage("new calibration sets")
        sets |= _new_sets(on, reference.network.recipe, seed, progress)
    molecules = cache(partial(tuning_molecules, data, reference, seed, smiles_column, format, censored))
    trials = Trials(quantized, reference, sets, on, before, molecules)
    tried = [] if before.is_healthy else _tried(trials, seed, progress)
    if not before.is_healthy:
        steps += comparisons(tried, trials.before_bytes)
    best_first = ranked(tried, trials.before_bytes)
    best = next((one.attempt for one in best_first if one.remedy.recovered > 0), None)
    return Diagnosed(_found(trials, steps, tried, best_first, inputs), best, trials)


def check_pair(quantized: Loaded, reference: Loaded) -> None:
    """Raises UnsupportedError unless the first is a quantized model and the second a float one of the same network."""
    if reference.network.scheme != "fp32":
        raise UnsupportedError(f"{reference.path} is {reference.network.scheme}; name the fp32 model with `reference`")
    if quantized.network.scheme == "fp32":
        raise UnsupportedError(f"{quantized.path} is fp32; name a quantized model, and the fp32 one with `reference`")
    if [m.config for m in quantized.network.members] != [m.config for m in reference.network.members]:
        raise UnsupportedError(f"{quantized.path} and {reference.path} are different networks")


def _set_step(
    quantized: Loaded,
    given: CalibrationMolecules | None,
    on: Yardstick,
    source: list[str],
    seed: int,
    progress: Progress,
) -> Step:
    scheme = scheme_of(quantized)
    if not scheme.needs_calibration:
        return no_calibration(scheme.name)
    return calibration_set(quantized, given, on, source, seed, progress)


def _tried(trials: Trials, seed: int, progress: Progress) -> list[Tried]:
    """Every attempt that could help, executed; last resorts only where nothing simpler cures."""
    found: list[Tried] = []
    planned = attempts(scheme_of(trials.quantized), trials.sets, trials.reference)
    for i, attempt in enumerate(planned, 1):
        progress.stage(f"remedy {i} of {len(planned)}: {attempt.name}")
        found.append(trials.run(attempt, progress))
    if needs_mixed(found):
        found += mixed(trials, found, progress)
    if needs_training(found, trials.before_bytes):
        progress.stage("quantization-aware training")
        found += trained(trials, found, seed, progress)
    return found


def _found(
    trials: Trials, steps: list[Step], tried: list[Tried], best_first: list[Tried], inputs: list[SiteActivations]
) -> Diagnosis:
    quantized = trials.quantized
    return Diagnosis(
        model=DiagnosedModel(
            path=str(quantized.path),
            scheme=scheme_of(quantized).name,
            content_hash=quantized.content_hash,
            size_bytes=quantized.size_bytes,
            layer_bytes=trials.before_bytes,
            reference=str(trials.reference.path),
        ),
        probe=trials.on.probe.section,
        statistics=trials.on.section,
        is_healthy=trials.before.is_healthy,
        before=trials.before,
        steps=tuple(steps),
        causes=tuple(causes(tried, steps)),
        remedies=tuple(one.remedy for one in best_first),
        sites=tuple(inputs),
        changes=trials.on.changes(quantized.network),
    )


def _new_sets(on: Yardstick, recipe: Recipe, seed: int, progress: Progress) -> dict[str, CalibrationMolecules]:
    """Sets chosen by scaffold from the pool, as large as it allows."""
    n_distinct = len(set(on.probe.pool))
    sizes = [n for n in SET_SIZES if n <= n_distinct * 0.9] or [max(n_distinct // 2, 1)]
    chosen = {}
    for size in sizes:
        spec = CalibrationSpec("scaffold", size, seed)
        chosen[str(size)] = calibration_molecules(build_calibset(on.probe.pool, spec, progress=progress), recipe)
    return chosen
