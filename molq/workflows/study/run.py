"""A study from end to end: train or load, calibrate, quantize to every scheme, load each file back, compare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import write_calibset
from molq.chem.packed import slice_graphs
from molq.files import make_folder, output_error, refuse_folder
from molq.progress import SILENT, Progress
from molq.quant.scheme import SCHEMES
from molq.workflows.compare.machine import environment
from molq.workflows.compare.metric_intervals import LEVEL, METRICS, default_margin
from molq.workflows.compare.sources import library_smiles
from molq.workflows.compare.speed import ROUNDS, throughputs
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.study.files import Study, Variant, write_results
from molq.workflows.study.hit_library import HitLibrary, hit_library
from molq.workflows.study.settings import StudySettings
from molq.workflows.study.subject import Subject, obtain
from molq.workflows.study.variants import Bench, Made, make_reference, make_variant
from molq.workflows.validity import strategy as activation_strategy

HIT_LIBRARY = "zinc-sample"
SPEED_MOLECULES = 5_000


def run_study(
    settings: StudySettings,
    folder: str | Path,
    *,
    command: str = "",
    force: bool = False,
    progress: Progress = SILENT,
) -> Study:
    """The finished study; writes results.json, results.csv, scores.csv, calibset.csv and models/ to ``folder``.

    Every number of a variant is of the model loaded back from its saved file. ``command`` is written down as the way to
    repeat it. Raises OutputError when the folder holds another study and ``force`` is off.
    """
    folder = Path(folder)
    _prepare(folder, settings, force)
    progress.stage("train" if settings.model is None else "load")
    subject = obtain(settings, progress.step)
    train_labels = subject.dataset.labels[subject.split.train]
    margin = settings.margin or default_margin(subject.dataset.kind, train_labels)
    progress.stage("calibration set")
    calibration = _calibrate(settings, subject, progress)
    write_calibset(folder / "calibset.csv", calibration.calibset, force=True)
    progress.stage("library")
    library = hit_library(settings.library or HIT_LIBRARY, seed=settings.seed, progress=progress.step)
    test = subject.dataset.subset(subject.split.test)
    bench = Bench(test, library.graphs, margin, settings.n_resamples, settings.seed)
    made = _variants(settings, subject, calibration, bench, folder, progress)
    progress.stage("speed")
    variants = _timed(made, library, progress)
    study = _study(settings, subject, calibration, library, margin, variants, command)
    write_results(folder, study, test)
    return study


def _prepare(folder: Path, settings: StudySettings, force: bool) -> None:
    """A folder for the study, without the variants of an earlier one."""
    inputs = [source for source in (settings.model, settings.dataset, settings.library) if source is not None]
    refuse_folder(folder, "results.json", inputs, force=force)
    models = make_folder(folder / "models")
    try:
        for scheme in SCHEMES:
            (models / f"{scheme}.molq").unlink(missing_ok=True)
    except OSError as error:
        raise output_error(models, error) from error


def _calibrate(settings: StudySettings, subject: Subject, progress: Progress) -> CalibrationMolecules:
    """A set chosen from the training molecules alone, so that no test molecule takes part in quantization."""
    pool = [subject.dataset.smiles[i] for i in subject.split.train]
    library = subject.dataset.smiles if settings.library is None else library_smiles(settings.library)
    covers = settings.calibration.strategy == activation_strategy.NAME
    strategy = activation_strategy.ActivationStrategy(subject.network, progress) if covers else None
    return calibration_molecules(build_calibset(pool, settings.calibration, library, progress.step, strategy=strategy))


def _variants(
    settings: StudySettings,
    subject: Subject,
    calibration: CalibrationMolecules,
    bench: Bench,
    folder: Path,
    progress: Progress,
) -> list[Made]:
    made: list[Made] = []
    for i, scheme in enumerate(settings.schemes):
        progress.stage(f"quantize, save, load, measure: {scheme}")
        progress.step(i, len(settings.schemes))
        made.append(
            make_variant(scheme, settings.observer, calibration, bench, folder, made[0])
            if made
            else make_reference(QuantizedModel(subject.network, subject.card), bench, folder)
        )
    return made


def _timed(made: list[Made], library: HitLibrary, progress: Progress) -> list[Variant]:
    models = {m.variant.scheme: m.loaded.network for m in made}
    timed = throughputs(models, slice_graphs(library.graphs, 0, SPEED_MOLECULES), progress=progress.step)
    return [replace(m.variant, throughput=timed[m.variant.scheme]) for m in made]


def _study(
    settings: StudySettings,
    subject: Subject,
    calibration: CalibrationMolecules,
    library: HitLibrary,
    margin: float,
    variants: list[Variant],
    command: str,
) -> Study:
    dataset, split, config = subject.dataset, subject.split, subject.network.members[0].config
    labels = dataset.labels[split.test]
    classification = dataset.kind == "classification"
    return Study(
        dataset={
            "name": dataset.name,
            "kind": dataset.kind,
            "tasks": list(dataset.tasks),
            "molecules": len(dataset),
            "rejected": len(dataset.rejected),
            "sha256": dataset.sha256,
        },
        model={
            "name": subject.card.name,
            "architecture": config.architecture,
            "members": len(subject.network.members),
            "config": config.to_dict(),
            **subject.origin,
        },
        split={
            **split.as_dict(),
            "held_out": subject.held_out,
            "n_labelled": int((~np.isnan(labels)).any(axis=1).sum()),
            "actives": [int(n) for n in np.nansum(labels, axis=0)] if classification else None,
            "test_rows": dataset.rows[split.test].tolist(),
        },
        calibration={
            **calibration.record(settings.observer),
            "pool": f"training molecules of {dataset.name}",
            "pool_molecules": len(split.train),
            "library": settings.library or dataset.name,
            "rejected": len(calibration.rejected),
        },
        library=library.record(),
        statistics={
            "metric": METRICS[dataset.kind][0].name,
            "margin": margin,
            "level": LEVEL,
            "n_resamples": settings.n_resamples,
            "seed": settings.seed,
            "method": "paired bootstrap over molecules, stratified by class" if classification else "paired bootstrap",
        },
        speed={
            "molecules": min(SPEED_MOLECULES, library.graphs.n_mols),
            "rounds": ROUNDS,
            "threads": 1,
            "backend": "cpu",
            "from": "packed graphs",
            "clock": "processor time of the thread",
        },
        variants=variants,
        environment=environment(),
        command=command,
    )
