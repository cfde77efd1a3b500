"""The whole road from a data set to a table of accuracy versus size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from molq.calibset.spec import CalibrationSpec
from molq.face.inputs import input_files
from molq.face.loaded import loaded_of
from molq.face.model import AnyModel
from molq.face.pages import write_report
from molq.files import whole_folder
from molq.limits import require_within
from molq.outputs import refuse_folder
from molq.progress import SILENT, Progress
from molq.results.study import Study
from molq.training.config import TrainConfig
from molq.workflows.compare.accuracy import N_RESAMPLES
from molq.workflows.study.files import result_files
from molq.workflows.study.run import run_study
from molq.workflows.study.settings import DEFAULT_SCHEMES, StudySettings

PAGE = "report.html"


def study(
    data: str | Path,
    output: str | Path,
    *,
    tasks: Sequence[str] | None = None,
    model: AnyModel | None = None,
    arch: str = "dmpnn",
    epochs: int = 50,
    split: str | None = None,
    seed: int = 0,
    calib_strategy: str = "scaffold",
    calib_size: int = 200,
    observer: str = "minmax",
    library: str | Path | None = None,
    schemes: Sequence[str] = DEFAULT_SCHEMES,
    margin: float | None = None,
    resamples: int = N_RESAMPLES,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    duplicates: str = "keep",
    command: str | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Study:
    """A model quantized with every scheme: size, accuracy, hit lists and speed on molecules it never saw.

    ``data`` is the name of a data set, or the path of a table whose label columns ``tasks`` names; ``model`` the float
    model to study, or None to train one of ``arch`` for ``epochs``. ``split`` is scaffold-balanced, scaffold or random;
    None is the one on the model's card, or scaffold-balanced. ``seed`` is that of split, training, calibration set and
    bootstrap. The calibration set, of ``calib_size`` molecules by ``calib_strategy``, is chosen from training molecules
    and shall represent ``library`` (None: the data set), on which hit lists and speed are compared too (None:
    zinc-sample). Intervals and ``margin`` are as in ``molq.evaluate``; ``smiles_column``, ``format``, ``censored`` and
    ``duplicates`` say how a table is read, as in ``molq.train``.

    The folder ``output`` holds results.json, results.csv, scores.csv, calibset.csv, models/ and report.html afterwards;
    every number is of a model loaded back from its file. ``command`` is written down as what repeats the study, by
    default this call. Raises OutputError, before anything begins, when the folder holds a file of one of these names
    and ``force`` is False, or when an input has one; no other file in it is touched.

    >>> import molq
    >>> found = molq.study("bace", "study", model="bace-dmpnn", schemes=["int8"], calib_size=40, resamples=100)
    >>> [(variant.scheme, round(variant.size_ratio, 2)) for variant in found.variants]
    [('fp32', 1.0), ('int8', 0.27)]
    """
    require_within(calib_size=calib_size, resamples=resamples)
    settings = StudySettings(
        dataset=str(data),
        tasks=tuple(tasks) if tasks else None,
        model=None if model is None else loaded_of(model),
        architecture=arch,
        split=split,
        seed=seed,
        train=TrainConfig(epochs=epochs, seed=seed),
        calibration=CalibrationSpec(calib_strategy, calib_size, seed),
        library=None if library is None else str(library),
        observer=observer,
        schemes=tuple(schemes),
        margin=margin,
        n_resamples=resamples,
        smiles_column=smiles_column,
        format=format,
        censored=censored,
        duplicates=duplicates,
    )
    names = [*result_files(settings.schemes), PAGE]
    model_file = None if settings.model is None else settings.model.path
    refuse_folder(output, names, input_files(data, library, model_file), force=force)
    with whole_folder(output, force=force) as folder:
        found = run_study(settings, folder, command=command or _call(settings, output), progress=progress)
        progress.stage("report")
        write_report(found, folder / PAGE)
    return found


def _call(settings: StudySettings, output: str | Path) -> str:
    """The call that repeats the study; what has its default is left out."""
    usual, model = StudySettings(settings.dataset), settings.model
    choices = {
        "tasks": (settings.tasks and list(settings.tasks), None),
        "model": (model and str(model.path), None),
        "arch": (settings.architecture, usual.architecture),
        "epochs": (settings.train.epochs, usual.train.epochs),
        "split": (settings.split, None),
        "seed": (settings.seed, usual.seed),
        "calib_strategy": (settings.calibration.strategy, usual.calibration.strategy),
        "calib_size": (settings.calibration.size, usual.calibration.size),
        "observer": (settings.observer, usual.observer),
        "library": (settings.library, None),
        "schemes": (list(settings.schemes), list(usual.schemes)),
        "margin": (settings.margin, None),
        "resamples": (settings.n_resamples, usual.n_resamples),
        "smiles_column": (settings.smiles_column, None),
        "format": (settings.format, None),
        "censored": (settings.censored, None),
        "duplicates": (settings.duplicates, usual.duplicates),
    }
    given = [f"{name}={value!r}" for name, (value, default) in choices.items() if value != default]
    return f"molq.study({', '.join([repr(settings.dataset), repr(str(output)), *given])})"
