"""molq study: the whole road from a data set to a table of accuracy versus size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.command import as_typed
from molq.cli.progress import shown
from molq.cli.show import aside, show

_MODEL, _CALIBRATION, _COMPARISON = "Model", "Calibration", "Comparison"


def study(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Option(
            "--dataset",
            "--data",
            metavar="NAME",
            help="A registered data set (molq data list), or a table with --task.",
            autocompletion=completion.molecules,
        ),
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
        int, typer.Option(help="Molecules in the calibration set.", rich_help_panel=_CALIBRATION)
    ] = 200,
    observer: Annotated[str, typer.Option(help="minmax, percentile or mse.", rich_help_panel=_CALIBRATION)] = "minmax",
    library: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="What the calibration set shall represent, and where hit lists and speed are compared. "
            "Default: the data set for the first, zinc-sample for the others.",
            rich_help_panel=_CALIBRATION,
            autocompletion=completion.molecules,
        ),
    ] = None,
    schemes: Annotated[
        list[str] | None,
        typer.Option(
            "--scheme",
            help="Scheme to compare with fp32; repeat it for several. Default: all.",
            rich_help_panel=_COMPARISON,
        ),
    ] = None,
    margin: options.Margin = None,
    resamples: options.Resamples = 2000,
) -> None:
    """Quantize a model with every scheme; compare size, accuracy, hit lists and speed on molecules it never saw."""
    import molq
    from molq.report.text.study import study_text
    from molq.workflows.study.settings import DEFAULT_SCHEMES

    with shown("study") as progress:
        found = molq.study(
            data,
            output,
            tasks=tasks,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            duplicates=duplicates,
            model=model,
            arch=arch,
            epochs=epochs,
            split=split,
            seed=seed,
            calib_strategy=calib_strategy,
            calib_size=calib_size,
            observer=observer,
            library=library,
            schemes=schemes or DEFAULT_SCHEMES,
            margin=margin,
            resamples=resamples,
            command=as_typed(context),
            force=force,
            progress=progress,
        )
    show(found, study_text, as_json)
    aside(f"wrote {output / 'report.html'}")
