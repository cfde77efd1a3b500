"""A study from end to end: train or load, calibrate, quantize to every scheme, load each file back, compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec.structs import asdict

from molq.calibset.build import build as build_calibset
from molq.calibset.spec import write_calibset
from molq.chem.packed import slice_graphs
from molq.data.sources import represented_smiles
from molq.files import make_folder
from molq.nn.judged import judge
from molq.progress import SILENT, Progress
from molq.results.calibration import CalibrationSection
from molq.results.plain import plain
from molq.results.study import RESULTS_FORMAT, DatasetSection, ModelSection, SplitSection, Study, Variant
from molq.urls import seen
from molq.workflows.compare.accuracy import chosen_margin, statistics_of
from molq.workflows.compare.machine import this_machine
from molq.workflows.compare.speed import speed_section, throughputs
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.quantized import QuantizedModel
from molq.workflows.study.files import CALIBRATION_SET, write_results
from molq.workflows.study.hit_library import HitLibrary, hit_library
from molq.workflows.study.settings import StudySettings
from molq.workflows.study.studied_model import StudiedModel, studied_model
from molq.workflows.study.variants import Bench, MadeVariant, make_reference, make_variant
from molq.workflows.validity import strategy as activation_strategy

HIT_LIBRARY = "zinc-sample"
SPEED_MOLECULES = 5_000


def run_study(settings: StudySettings, folder: str | Path, *, command: str = "", progress: Progress = SILENT) -> Study:
    """The finished study; writes the ``result_files`` into ``folder``, over those that are there.

    Every number of a variant is of the model loaded back from its saved file. ``command`` is written down as the way to
    repeat it.
    """
    folder = Path(folder)
    make_folder(folder / "models")
    progress.stage("train" if settings.model is None else "load")
    studied = studied_model(settings, progress)
    judged_by = judge(studied.network)
    train_labels = judged_by.labels(studied.dataset.labels[studied.split.train])
    margin = chosen_margin(judged_by.kind, train_labels, settings.margin)
    progress.stage("calibration set")
    calibration = _calibrate(settings, studied, progress)
    write_calibset(folder / CALIBRATION_SET, calibration.calibset, force=True)
    progress.stage("library")
    library = hit_library(
        settings.library or HIT_LIBRARY, studied.network.recipe, seed=settings.seed, progress=progress
    )
    test = studied.dataset.subset(studied.split.test)
    bench = Bench(test, judged_by, library, margin, settings.n_resamples, settings.seed)
    made = _variants(settings, studied, calibration, bench, folder, progress)
    progress.stage("speed")
    variants = _timed(made, library, bench, progress)
    study = _study(settings, studied, calibration, library, bench, variants, command)
    write_results(folder, study, test, studied.network.columns, {m.scheme: m.scores for m in made})
    return study


def _calibrate(settings: StudySettings, studied: StudiedModel, progress: Progress) -> CalibrationMolecules:
    """A set chosen from the training molecules alone, so that no test molecule takes part in quantization."""
    pool = [studied.dataset.smiles[i] for i in studied.split.train]
    library = (
        studied.dataset.smiles if settings.library is None else represented_smiles(settings.library, seed=settings.seed)
    )
    covers = settings.calibration.strategy == activation_strategy.NAME
    strategy = activation_strategy.ActivationStrategy(studied.network, progress) if covers else None
    chosen = build_calibset(pool, settings.calibration, library, progress, strategy=strategy)
    return calibration_molecules(chosen, studied.network.recipe)


def _variants(
    settings: StudySettings,
    studied: StudiedModel,
    calibration: CalibrationMolecules,
    bench: Bench,
    folder: Path,
    progress: Progress,
) -> list[MadeVariant]:
    made: list[MadeVariant] = []
    for i, scheme in enumerate(settings.schemes):
        progress.stage(f"quantize, save, load, measure: {scheme}")
        progress.step(i, len(settings.schemes))
        made.append(
            make_variant(scheme, settings.observer, calibration, bench, folder, made[0])
            if made
            else make_reference(QuantizedModel(studied.network, studied.card), bench, folder)
        )
    return made


def _timed(made: list[MadeVariant], library: HitLibrary, bench: Bench, progress: Progress) -> list[Variant]:
    networks = {m.scheme: m.loaded.network for m in made}
    timed = throughputs(networks, slice_graphs(library.graphs, 0, SPEED_MOLECULES), progress=progress)
    return [m.timed(timed[m.scheme], bench) for m in made]


def _study(
    settings: StudySettings,
    studied: StudiedModel,
    calibration: CalibrationMolecules,
    library: HitLibrary,
    bench: Bench,
    variants: list[Variant],
    command: str,
) -> Study:
    dataset = studied.dataset
    return Study(
        format=RESULTS_FORMAT,
        dataset=DatasetSection(
            dataset.name, dataset.kind, dataset.tasks, len(dataset), len(dataset.rejected), dataset.sha256
        ),
        model=_model_section(studied),
        split=_split_section(studied, bench),
        calibration=_calibration_section(settings, studied, calibration),
        library=library.section,
        statistics=statistics_of(bench.judge.kind, bench.margin, bench.n_resamples, bench.seed),
        speed=speed_section(min(SPEED_MOLECULES, library.graphs.n_mols)),
        machine=this_machine(),
        command=seen(command),
        variants=tuple(variants),
    )


def _model_section(studied: StudiedModel) -> ModelSection:
    config = studied.network.members[0].config
    return ModelSection(
        name=studied.card.name,
        architecture=config.architecture,
        members=len(studied.network.members),
        config=plain(config),
        **studied.origin,
    )


def _split_section(studied: StudiedModel, bench: Bench) -> SplitSection:
    split, dataset, labels = studied.split, studied.dataset, bench.labels
    return SplitSection(
        method=split.method,
        seed=split.seed,
        fractions=split.fractions,
        n_train=len(split.train),
        n_valid=len(split.valid),
        n_test=len(split.test),
        held_out=studied.held_out,
        n_labelled=int((~np.isnan(labels)).any(axis=1).sum()),
        actives=tuple(int(n) for n in np.nansum(labels, axis=0)) if bench.judge.kind == "classification" else None,
        test_rows=tuple(dataset.rows[split.test].tolist()),
    )


def _calibration_section(
    settings: StudySettings, studied: StudiedModel, calibration: CalibrationMolecules
) -> CalibrationSection:
    return CalibrationSection(
        **asdict(calibration.record(settings.observer)),
        pool=f"training molecules of {studied.dataset.name}",
        pool_molecules=len(studied.split.train),
        library=seen(settings.library or studied.dataset.name),
        rejected=len(calibration.rejected),
    )
