"""molq calibset: build a calibration set and judge whether one represents a library."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import completion, options
from molq.cli.command import Command
from molq.cli.library_argument import resolve
from molq.cli.progress import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from molq.calibset.spec import ChosenSet
    from molq.results.validation import Validation
    from molq.store.molqfile import Loaded

app = typer.Typer(no_args_is_help=True, help="Build a calibration set, or judge whether one represents a library.")


@app.command(cls=Command)
def build(
    context: typer.Context,
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
    size: Annotated[int, typer.Option(min=1, help="Number of molecules.")] = 200,
    seed: options.Seed = 0,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    workers: options.Workers = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Choose molecules of POOL that represent a library, and say how much of it they cover."""
    from molq.calibset.build import build as build_set
    from molq.calibset.spec import CalibrationSpec, write_calibset

    pool_path, library_path = resolve([pool, match or pool])
    _check_output(output, [pool_path, library_path, *_paths(model)], force, ".csv")
    spec = CalibrationSpec(strategy, size, seed)
    loaded = _covered_model(strategy, model)
    pool_smiles = _smiles(pool_path, smiles_column, format, context)
    library_column = smiles_column if library_path == match else None
    library = None if library_path == pool_path else _smiles(library_path, library_column, format, context)
    with shown("molecules") as progress:
        n_workers = workers or os.cpu_count() or 1
        if loaded is None:
            calibset = build_set(pool_smiles, spec, library, progress, n_workers)
        else:
            from molq.workflows.validity.strategy import ActivationStrategy

            covering = ActivationStrategy(loaded.network, progress)
            calibset = build_set(pool_smiles, spec, library, progress, n_workers, covering)
    write_calibset(output, calibset, force=force)
    _print_built(calibset, output, as_json)


@app.command(cls=Command)
def validate(
    context: typer.Context,
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
    draws: Annotated[int, typer.Option(min=200, help="Random draws from the library to compare with.")] = 400,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Judge whether a calibration set represents a library: representative, marginal or not representative."""
    import json

    from molq.calibset.spec import read_calibset
    from molq.calibset.validate import validate as judge_chemistry
    from molq.files import write_whole
    from molq.report.text.validation import validation_text
    from molq.results.plain import plain

    (library_path,) = resolve([against])
    if output is not None:
        _check_output(output, [str(calibset), library_path, *_paths(model)], force)
    chosen = read_calibset(calibset, smiles_column=smiles_column)
    given = [(flag, value) for flag, value in (("--smiles-column", smiles_column), ("--format", format)) if value]
    command = shlex.join([against, *(word for pair in given for word in pair)])
    judge = _with_model(model) if model is not None else judge_chemistry
    with shown("molecules") as progress:
        found = judge(
            chosen.smiles,
            _smiles(library_path, smiles_column, format, context),
            seed=seed,
            n_draws=draws,
            calibset_name=str(calibset),
            library_name=against,
            library_command=command,
            progress=progress,
        )
    if output is not None:
        from molq.report.pages.validation import validation_page

        write_whole(output, validation_page(found))
    typer.echo(json.dumps(plain(found), indent=2) if as_json else validation_text(found))
    if output is not None:
        typer.echo(f"report: {output}", err=True)


def _with_model(path: str) -> Callable[..., Validation]:
    """``validate_with_model`` with the model of that file."""
    from molq.workflows.validity.validation import validate_with_model

    loaded = _float_model(path)
    return lambda chosen, library, **options: validate_with_model(chosen, library, loaded, **options)


def _covered_model(strategy: str, model: str | None) -> Loaded | None:
    """The model that the strategy activation covers; None for the others."""
    from molq.errors import InputError

    if strategy == "activation" and model is None:
        raise InputError("the strategy activation covers the ranges of a model: name it with --model")
    if strategy != "activation" and model is not None:
        raise InputError(f"--model is for the strategy activation; {strategy} looks at chemistry alone")
    return None if model is None else _float_model(model)


def _float_model(model: str) -> Loaded:
    from molq.face.bundled import model_path
    from molq.store.molqfile import load
    from molq.workflows.validity.validation import require_float

    loaded = load(model_path(model))
    require_float(loaded)
    return loaded


def _paths(model: str | None) -> list[str]:
    return [] if model is None else [str(model)]


def _smiles(path: str, column: str | None, format: str | None, context: typer.Context) -> list[str]:
    """One SMILES per data row; a row that cannot be read is empty, and the first of them is noted on stderr."""
    from molq.chem.table import read_table
    from molq.cli.command import echo_notes

    table = read_table(path, smiles_column=column, format=format)
    echo_notes(table.notes, context)
    if table.rejected:
        first, n_more = table.rejected[0], len(table.rejected) - 1
        more = f", and {n_more:,} more of its rows cannot be read" if n_more else ""
        typer.echo(f"note: {path}, row {first.row}: {first.reason}{more}", err=True)
    return table.smiles


def _check_output(output: Path, inputs: list[str], force: bool, suffix: str = "") -> None:
    """Raises OutputError when the output is an input, exists, or could not be written or read back."""
    from molq.errors import OutputError

    if suffix and output.suffix.lower() != suffix:
        raise OutputError(f"{output}: the set is written as a {suffix} file; choose a name that ends so")
    if not output.parent.is_dir():
        raise OutputError(f"{output.parent}: no such folder; make it first, or choose another place for {output.name}")
    if output.is_dir():
        raise OutputError(f"{output} is a folder; choose the name of a file")
    if output.exists() and any(Path(path).exists() and output.samefile(path) for path in inputs):
        raise OutputError(f"{output} is an input of this command; choose another output")
    if output.exists() and not force:
        raise OutputError(f"{output} exists; choose another name or pass --force")


def _print_built(calibset: ChosenSet, output: Path, as_json: bool) -> None:
    import json

    spec, coverage = calibset.spec, calibset.coverage
    if as_json:
        summary = {"output": str(output), "strategy": spec.strategy, "size": spec.size, "seed": spec.seed}
        typer.echo(json.dumps(summary | {"sha256": calibset.sha256, "coverage": coverage}, indent=2))
        return
    typer.echo(f"{output}: {spec.size} molecules, strategy {spec.strategy}, seed {spec.seed}")
    for name in ("scaffold", "generic_scaffold", "element"):
        title = f"{name.replace('_', ' ')} coverage"
        typer.echo(f"  {title:26s}{coverage[name]:7.1%} of the library's other molecules")
    for name, value in coverage.items():
        if name not in ("scaffold", "generic_scaffold", "element"):
            typer.echo(f"  {name.replace('_', ' '):26s}{value:10,.0f}")
    if coverage["library_used"] + coverage["library_rejected"] < coverage["library_molecules"]:
        typer.echo(
            f"note: coverage is counted on a seeded draw of {coverage['library_used']:,.0f} library molecules", err=True
        )
    borrowed = coverage.get("molecules_from_nearest_stratum", 0)
    if borrowed:
        typer.echo(
            f"note: the pool lacks molecules of some library strata; {borrowed:.0f} of {spec.size} come from the "
            "nearest strata instead. A pool closer to the library would do better.",
            err=True,
        )
