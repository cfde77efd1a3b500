"""molq sensitivity: which layers suffer when they are quantized."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import options
from molq.cli.progress import shown
from molq.cli.show import aside, show

_PAGE = "report.html"


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
        typer.Option("--front", help="Also execute mixes of schemes from 4 to 16 bits: error versus size."),
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
    import molq
    from molq.face.inputs import input_files
    from molq.files import whole_folder
    from molq.outputs import refuse_folder
    from molq.report.text.sensitivity import sensitivity_text
    from molq.workflows.precision.sensitivity import RESULTS, write_sensitivity

    if output is not None:
        refuse_folder(output, (RESULTS, _PAGE), input_files(model, data, calibset), force=force)
    with shown("sensitivity") as progress:
        found = molq.sensitivity(
            model,
            data,
            calibset,
            scheme=scheme,
            observer=observer,
            front=front,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            all_rows=all_rows,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
    if output is not None:
        with whole_folder(output, force=force) as folder:
            write_sensitivity(folder, found)
            molq.write_report(found, folder / _PAGE)
        aside(f"report: {output / _PAGE}")
    show(found, sensitivity_text, as_json)
