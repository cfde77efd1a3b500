"""molq diagnose: why a quantized model lost accuracy, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from molq.cli import completion, options
from molq.cli.command import as_typed, command_line
from molq.cli.progress import shown
from molq.cli.saving import saved
from molq.cli.show import aside, show

if TYPE_CHECKING:
    from molq.face.diagnosis import ModelDiagnosis
    from molq.progress import Progress
    from molq.results.diagnosis import Fixed

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
    import molq
    from molq.errors import InputError, OutputError
    from molq.face.inputs import input_files
    from molq.files import write_whole
    from molq.outputs import refuse_outputs
    from molq.report.pages.diagnosis import diagnosis_page
    from molq.report.text.diagnosis import diagnosis_text
    from molq.visible import readable

    if fix and output is None:
        raise InputError("`fix` writes a model: name it with `output`")
    if output is not None and not fix:
        raise InputError("`output` goes with `fix`, which writes the mended model")
    outputs = [output, calibset_beside(output)] if output is not None else []
    inputs = input_files(quantized, reference, data, calibset)
    refuse_outputs([*outputs, *([] if report is None else [report])], inputs, force=force)
    with shown("diagnose") as progress:
        diagnosis = molq.diagnose(
            quantized,
            data,
            reference,
            calibset,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            all_rows=all_rows,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
        fixed, refused = None, None
        try:
            fixed = None if output is None else _fixed(context, diagnosis, output, force, progress)
        except OutputError as error:
            refused = error
    commands = _commands(context, diagnosis, output or DEFAULT_OUTPUT)
    found = msgspec.structs.replace(diagnosis.found, commands=commands, fixed=fixed)
    show(found, diagnosis_text, as_json)
    if report is not None:
        page = diagnosis_page(readable(found))
        saved(lambda path, force: write_whole(path, page, force=force), report, force=force)
        aside(f"report: {report}")
    if refused is not None:
        raise refused
    if fixed is not None:
        aside(f"{output}: {fixed.remedy}")
    elif fix:
        aside("nothing is written: there is nothing to mend")


def _commands(context: typer.Context, diagnosis: ModelDiagnosis, output: Path) -> tuple[str, ...] | None:
    """Lines that apply the best remedy."""
    if diagnosis.best is None:
        return None
    again = as_typed(context, fix=True, output=output, report=None)
    by_hand = _by_hand(context, diagnosis, output, context.params["calibset"])
    return (again,) if diagnosis.calibset is not None else (again, by_hand)


def _fixed(
    context: typer.Context, diagnosis: ModelDiagnosis, output: Path, force: bool, progress: Progress
) -> Fixed | None:
    """The best remedy's model written and, where it took a new calibration set, that set beside it."""
    from molq.results.diagnosis import Fixed

    if diagnosis.best is None:
        return None
    mended = diagnosis.fix(progress=progress)
    saved(mended.save, output, force=force)
    fixed = Fixed(str(output), mended.size_bytes, mended.content_hash, diagnosis.best.name)
    if diagnosis.calibset is None:
        return fixed
    beside = calibset_beside(output)
    saved(diagnosis.calibset.save, beside, force=force)
    return msgspec.structs.replace(fixed, calibset=str(beside), command=_by_hand(context, diagnosis, output, beside))


def _by_hand(context: typer.Context, diagnosis: ModelDiagnosis, output: Path, calibset: Path | None) -> str:
    """The ``molq quantize`` line that makes the mended model."""
    values = {name: _typed(value) for name, value in diagnosis.parameters.items()}
    if "calibset" in values:
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
