"""molq diagnose: why a quantized model lost accuracy, and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from molq.cli import completion, options
from molq.cli.calibration_argument import calibration_set
from molq.cli.command import as_typed, command_line
from molq.cli.progress import shown

if TYPE_CHECKING:
    from molq.progress import Progress
    from molq.results.diagnosis import Fixed
    from molq.workflows.diagnosis.attempts import Attempt
    from molq.workflows.diagnosis.diagnose import Diagnosed

DEFAULT_OUTPUT = Path("FIXED.molq")


def diagnose(
    context: typer.Context,
    quantized: Annotated[
        str, typer.Argument(metavar="Q.molq", help="The quantized model.", autocompletion=completion.models)
    ],
    reference: Annotated[str, options.model("M.molq", "The fp32 model it was made from: a file or a bundled one.")],
    data: options.Molecules,
    calibset: options.CalibrationFile = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the best remedy, and write the model to --output.")] = False,
    output: Annotated[
        Path | None, options.output("FIXED.molq", "File to write; any new calibration set goes beside it.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="PAGE.html", help="Page to write: every step with its evidence.")
    ] = None,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    censored: options.Censored = None,
    all_rows: options.AllRows = False,
    resamples: options.Resamples = 1000,
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Find out why a quantized model lost accuracy; try remedies, each executed; apply the best one if asked."""
    from molq.errors import InputError
    from molq.face.bundled import model_path
    from molq.files import refuse_output, write_whole
    from molq.report.pages.diagnosis import diagnosis_page
    from molq.report.text.diagnosis import diagnosis_text
    from molq.results.plain import plain
    from molq.store.molqfile import load
    from molq.workflows.diagnosis.diagnose import diagnose as run

    if fix and output is None:
        raise InputError("`fix` writes a model: name it with `output`")
    if output is not None and not fix:
        raise InputError("`output` goes with `fix`, which writes the mended model")
    outputs = [output, calibset_beside(output)] if output is not None else []
    if report is not None and report.resolve() in [path.resolve() for path in outputs]:
        raise InputError(f"`report` and `output` both name {report}; choose two files")
    paths = [model_path(quantized), model_path(reference)]
    inputs: list[str | Path] = [*paths, data, *([calibset] if calibset is not None else [])]
    for path in [*outputs, *([report] if report is not None else [])]:
        refuse_output(path, inputs, force=force)
    with shown("diagnosis") as progress:
        diagnosed = run(
            load(paths[0]),
            load(paths[1]),
            data,
            calibration_set(calibset, smiles_column),
            all_rows=all_rows,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
        fixed = None if output is None else _fixed(context, diagnosed, output, force, progress)
    commands = _commands(context, diagnosed.best, output or DEFAULT_OUTPUT)
    found = msgspec.structs.replace(diagnosed.found, commands=commands, fixed=fixed)
    if report is not None:
        write_whole(report, diagnosis_page(found))
        typer.echo(f"report: {report}", err=True)
    typer.echo(json.dumps(plain(found), indent=2) if as_json else diagnosis_text(found))
    if fixed is not None:
        typer.echo(f"{output}: {fixed.remedy}", err=True)
    elif fix:
        typer.echo("nothing is written: there is nothing to mend", err=True)


def _commands(context: typer.Context, best: Attempt | None, output: Path) -> tuple[str, ...] | None:
    """Lines that apply the best remedy."""
    if best is None:
        return None
    again = as_typed(context, fix=True, output=output, report=None)
    return (again,) if best.has_new_set else (again, _by_hand(context, best, output, context.params["calibset"]))


def _fixed(context: typer.Context, diagnosed: Diagnosed, output: Path, force: bool, progress: Progress) -> Fixed | None:
    """The best remedy's model written and, where it took a new calibration set, that set beside it."""
    from molq.calibset.spec import write_calibset
    from molq.results.diagnosis import Fixed
    from molq.store.molqfile import save

    mended = diagnosed.fix(progress)
    if mended is None or diagnosed.best is None:
        return None
    saved = save(output, mended.made.network, mended.made.card, force=force)
    fixed = Fixed(str(output), saved.size_bytes, saved.content_hash, diagnosed.best.name)
    if mended.calibset is None:
        return fixed
    beside = calibset_beside(output)
    write_calibset(beside, mended.calibset, force=force)
    command = _by_hand(context, diagnosed.best, output, beside)
    return msgspec.structs.replace(fixed, calibset=str(beside), command=command)


def _by_hand(context: typer.Context, attempt: Attempt, output: Path, calibset: Path | None) -> str:
    """The ``molq quantize`` line that makes what the attempt makes."""
    values = {name: _typed(value) for name, value in attempt.parameters.items()}
    if attempt.training is not None:
        values |= {name: context.params[name] for name in ("data", "smiles_column", "format", "censored")}
    if attempt.scheme.needs_calibration:
        values["calibset"] = calibset
    return command_line(context, "quantize", {"model": context.params["reference"], **values, "output": output})


def _typed(value: Any) -> Any:
    """Names for patterns as they are typed."""
    if not isinstance(value, tuple):
        return value
    return [name if pattern == "*" else f"{pattern}={name}" for pattern, name in value]


def calibset_beside(output: Path) -> Path:
    """Where a new calibration set is written."""
    return output.with_suffix(".calibset.csv")
