"""molq study: the whole road from a data set to a table of accuracy versus size."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import completion, options
from molq.cli.progress import shown

if TYPE_CHECKING:
    from molq.workflows.study.settings import StudySettings

_MODEL, _CALIBRATION, _COMPARISON = "Model", "Calibration", "Comparison"


def study(
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="A registered data set (molq data list), or a table with --task.")
    ],
    output: Annotated[Path, options.output("DIR", "Folder to write.")],
    tasks: options.Tasks = None,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    censored: options.Censored = None,
    duplicates: options.Duplicates = "keep",
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="M.molq",
            help="Study this fp32 model, a file or a bundled one. Default: train one.",
            rich_help_panel=_MODEL,
            autocompletion=completion.models,
        ),
    ] = None,
    arch: Annotated[str, options.architecture(_MODEL)] = "dmpnn",
    epochs: Annotated[int, options.epochs(_MODEL)] = 50,
    split: Annotated[
        str | None,
        typer.Option(
            help="scaffold-balanced, scaffold or random. Default: the model's own, or scaffold-balanced.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    calib_strategy: Annotated[
        str,
        typer.Option(help="How the calibration set is chosen; see molq calibset build.", rich_help_panel=_CALIBRATION),
    ] = "scaffold",
    calib_size: Annotated[
        int, typer.Option(min=1, help="Molecules in the calibration set.", rich_help_panel=_CALIBRATION)
    ] = 200,
    observer: Annotated[str, typer.Option(help="minmax, percentile or mse.", rich_help_panel=_CALIBRATION)] = "minmax",
    library: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="What the calibration set shall represent, and where hit lists and speed are compared. "
            "Default: the data set for the first, zinc-sample for the others.",
            rich_help_panel=_CALIBRATION,
        ),
    ] = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            help="Scheme to compare with fp32; repeat it for several. Default: all.", rich_help_panel=_COMPARISON
        ),
    ] = None,
    margin: options.Margin = None,
    resamples: options.Resamples = 2000,
) -> None:
    """Quantize a model with every scheme; compare size, accuracy, hit lists and speed on molecules it never saw."""
    from molq.calibset.spec import CalibrationSpec
    from molq.face.bundled import model_path
    from molq.files import write_whole
    from molq.report.pages.study import study_page
    from molq.report.text.study import study_text
    from molq.results.plain import plain
    from molq.store.molqfile import load
    from molq.training.config import TrainConfig
    from molq.workflows.study.run import run_study
    from molq.workflows.study.settings import DEFAULT_SCHEMES, StudySettings

    settings = StudySettings(
        dataset=dataset,
        tasks=tuple(tasks) if tasks else None,
        smiles_column=smiles_column,
        format=format,
        censored=censored,
        duplicates=duplicates,
        model=None if model is None else load(model_path(model)),
        architecture=arch,
        split=split,
        seed=seed,
        train=TrainConfig(epochs=epochs, seed=seed),
        calibration=CalibrationSpec(calib_strategy, calib_size, seed),
        library=library,
        observer=observer,
        schemes=tuple(scheme or DEFAULT_SCHEMES),
        margin=margin,
        n_resamples=resamples,
    )
    with shown("start") as progress:
        finished = run_study(settings, output, command=_command(settings, output), force=force, progress=progress)
        progress.stage("report")
        write_whole(output / "report.html", study_page(finished))
    typer.echo(json.dumps(plain(finished), indent=2) if as_json else study_text(finished))
    typer.echo(f"wrote {output / 'report.html'}", err=True)


def _command(settings: StudySettings, output: Path) -> str:
    """The command line that repeats the study; options that keep their defaults are left out."""
    from molq.workflows.study.settings import StudySettings

    usual = StudySettings(settings.dataset)
    words = ["molq", "study", "--dataset", settings.dataset]
    for name in settings.tasks or ():
        words += ["--task", name]
    choices = [
        ("--smiles-column", settings.smiles_column, None),
        ("--format", settings.format, None),
        ("--censored", settings.censored, None),
        ("--duplicates", settings.duplicates, usual.duplicates),
        ("--model", None if settings.model is None else settings.model.path, None),
        ("--arch", settings.architecture, "" if settings.model is None else settings.architecture),
        ("--epochs", settings.train.epochs, "" if settings.model is None else settings.train.epochs),
        ("--split", settings.split, None),
        ("--seed", settings.seed, usual.seed),
        ("--calib-strategy", settings.calibration.strategy, usual.calibration.strategy),
        ("--calib-size", settings.calibration.size, usual.calibration.size),
        ("--observer", settings.observer, usual.observer),
        ("--library", settings.library, None),
        ("--margin", settings.margin, None),
        ("--resamples", settings.n_resamples, usual.n_resamples),
    ]
    for option, value, default in choices:
        words += [option, str(value)] if value != default else []
    for name in settings.schemes if settings.schemes != usual.schemes else ():
        words += ["--scheme", name]
    return shlex.join([*words, "-o", str(output)])
