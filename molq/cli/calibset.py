"""molq calibset: build a calibration set and judge whether one represents a library."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.command import Command
from molq.cli.progress import shown
from molq.cli.saving import saved
from molq.cli.show import aside, say, show, show_json

_SUFFIX = ".csv"

app = typer.Typer(no_args_is_help=True, help="Build a calibration set, or judge whether one represents a library.")


@app.command(cls=Command)
def build(
    pool: Annotated[
        str,
        typer.Argument(
            help="Molecules to choose from: a file, a dataset's name, or - for stdin.",
            autocompletion=completion.molecules,
        ),
    ],
    output: Annotated[Path, options.output("C.csv", "CSV file to write.")],
    match: Annotated[
        str | None,
        typer.Option(
            help="Library to represent: a file or a dataset's name. Default: the pool itself.",
            autocompletion=completion.molecules,
        ),
    ] = None,
    strategy: Annotated[
        str, typer.Option(help="How to choose: scaffold, random, cluster, maxmin, property, generic or activation.")
    ] = "scaffold",
    model: Annotated[
        str | None, options.model("M.molq", "For the strategy activation: the fp32 model whose ranges to cover.")
    ] = None,
    size: Annotated[int, typer.Option(help="Number of molecules.")] = 200,
    seed: options.Seed = 0,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    workers: options.Workers = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Choose molecules of POOL that represent a library, and say how much of it they cover."""
    import molq
    from molq.errors import OutputError
    from molq.face.inputs import input_files
    from molq.outputs import refuse_output
    from molq.report.text.coverage import coverage_text

    if output.suffix.lower() != _SUFFIX:
        raise OutputError(f"{output}: the set is written as a {_SUFFIX} file; choose a name that ends so")
    refuse_output(output, input_files(pool, match, model), force=force)
    with shown("build") as progress:
        chosen = molq.calibration_set(
            pool,
            match=match,
            strategy=strategy,
            model=model,
            size=size,
            seed=seed,
            smiles_column=smiles_column,
            format=format,
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    saved(chosen.save, output, force=force)
    facts = {"output": str(output), "strategy": strategy, "size": size, "seed": seed, "sha256": chosen.sha256}
    if as_json:
        show_json(facts | {"coverage": dict(chosen.coverage)})
        return
    say(f"{output}: {size} molecules, strategy {strategy}, seed {seed}")
    show(dict(chosen.coverage), lambda coverage: coverage_text(coverage, size))


@app.command(cls=Command)
def validate(
    calibset: Annotated[Path, typer.Argument(help="The calibration set: .csv .tsv .smi, also .gz.")],
    against: Annotated[
        str,
        typer.Option(help="Library to represent: a file or a dataset's name.", autocompletion=completion.molecules),
    ],
    model: Annotated[
        str | None,
        options.model("M.molq", "The fp32 model to calibrate: judge its activations and int8 scores too."),
    ] = None,
    output: Annotated[Path | None, options.output("PAGE.html", "HTML report to write.")] = None,
    seed: options.Seed = 0,
    draws: Annotated[int, typer.Option(help="Random draws from the library to compare with.")] = 400,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Judge whether a calibration set represents a library: representative, marginal or not representative."""
    import molq
    from molq.face.inputs import input_files
    from molq.outputs import refuse_output
    from molq.report.text.validation import validation_text

    if output is not None:
        refuse_output(output, input_files(calibset, against, model), force=force)
    with shown("validate") as progress:
        found = molq.CalibrationSet.read(calibset, smiles_column=smiles_column).validate(
            against,
            model=model,
            seed=seed,
            draws=draws,
            smiles_column=smiles_column,
            format=format,
            progress=progress,
        )
    if output is not None:
        saved(partial(molq.write_report, found), output, force=force)
        aside(f"report: {output}")
    show(found, validation_text, as_json)
