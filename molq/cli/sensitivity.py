"""molq sensitivity: which layers suffer when they are quantized."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from molq.cli import options
from molq.cli.calibration_argument import calibration_set
from molq.cli.progress import shown


def sensitivity(
    model: options.FloatModel,
    data: options.Molecules,
    calibset: options.CalibrationFile = None,
    scheme: Annotated[str, typer.Option(help="Scheme the layers are treated with.")] = "int8",
    observer: Annotated[
        str, typer.Option(help="How a range is taken from what was seen; see molq quantize.")
    ] = "minmax",
    output: Annotated[Path | None, options.output("DIR", "Folder for sensitivity.json and report.html.")] = None,
    front: Annotated[
        bool,
        typer.Option("--front", help="Also execute mixes of precisions from 4 to 16 bits: error versus size."),
    ] = False,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    censored: options.Censored = None,
    all_rows: options.AllRows = False,
    resamples: options.Resamples = 1000,
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Quantize one layer at a time, and spare one at a time; say what each costs, with labels or without."""
    from molq.face.bundled import model_path
    from molq.files import refuse_folder, write_whole
    from molq.report.pages.sensitivity import sensitivity_page
    from molq.report.text.sensitivity import sensitivity_text
    from molq.results.plain import plain
    from molq.store.molqfile import load
    from molq.workflows.precision.sensitivity import RESULTS, write_sensitivity
    from molq.workflows.precision.sensitivity import sensitivity as measure

    path = model_path(model)
    if output is not None:
        inputs = [source for source in (path, data, calibset) if source is not None]
        refuse_folder(output, RESULTS, inputs, force=force)
    with shown("sensitivity") as progress:
        found = measure(
            load(path),
            data,
            calibration_set(calibset, smiles_column),
            scheme=scheme,
            observer=observer,
            front=front,
            all_rows=all_rows,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
    labels = "with labels" if found.probe.labelled else "without labels"
    typer.echo(f"{found.probe.name}: {found.probe.molecules:,} molecules, {labels}", err=True)
    if output is not None:
        write_sensitivity(output, found)
        write_whole(output / "report.html", sensitivity_page(found))
        typer.echo(f"report: {output / 'report.html'}", err=True)
    typer.echo(json.dumps(plain(found), indent=2) if as_json else sensitivity_text(found))
