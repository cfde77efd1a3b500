"""molq diagnose: why a quantized model lost accuracy, and what to do about it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import completion, options
from molq.cli.calibration_argument import calibration_set
from molq.cli.progress import shown

if TYPE_CHECKING:
    from molq.store.molqfile import Loaded
    from molq.workflows.diagnosis.workflow import Diagnosis
    from molq.workflows.tuning.fine_tune import TuningMolecules

DEFAULT_OUTPUT = Path("FIXED.molq")


def diagnose(
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
    all_rows: options.AllRows = False,
    resamples: options.Resamples = 1000,
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Find out why a quantized model lost accuracy; try remedies, each executed; apply the best one if asked."""
    from molq.errors import InputError
    from molq.face.bundled import model_path
    from molq.report.diagnosis_html import write_diagnosis_report
    from molq.report.diagnosis_text import diagnosis_text
    from molq.store.molqfile import load
    from molq.workflows.compare.fidelity import yardstick
    from molq.workflows.compare.probe import read_probe
    from molq.workflows.diagnosis.remedies import GIVEN, quantize_command
    from molq.workflows.diagnosis.workflow import check_pair
    from molq.workflows.diagnosis.workflow import diagnose as run
    from molq.workflows.tuning.fine_tune import tuning_molecules

    if fix and output is None:
        raise InputError("--fix writes a model: name it with --output")
    if output is not None and not fix:
        raise InputError("--output goes with --fix, which writes the mended model")
    if (
        report is not None
        and output is not None
        and report.resolve() in (output.resolve(), calibset_beside(output).resolve())
    ):
        raise InputError(f"--report and --output both name {report}; choose two files")
    paths = [model_path(quantized), model_path(reference)]
    outputs = [*([output, calibset_beside(output)] if output else []), *([report] if report else [])]
    _refuse_overwrite(outputs, [*paths, Path(data), *([calibset] if calibset else [])], force)
    model, floats = map(load, paths)
    check_pair(model, floats)
    given = calibration_set(calibset) if calibset is not None else None
    target = read_probe(data, floats, side=None if all_rows else "test", smiles_column=smiles_column, seed=seed)
    on = yardstick(floats.network, target, n_resamples=resamples, seed=seed)
    molecules = cache(partial(tuning_molecules, data, floats, seed, smiles_column))
    with shown("diagnosis") as progress:
        found = run(model, floats, on, given, molecules, seed=seed, listen=progress.stage)
    results: dict[str, Any] = found.to_dict()
    if found.best is not None:
        again = ["molq", "diagnose", str(quantized), "--reference", str(reference), "--data", data]
        again += ["--calibset", str(calibset)] if calibset else []
        again += ["--smiles-column", smiles_column] if smiles_column else []
        again += ["--all-rows"] if all_rows else []
        again += ["--resamples", str(resamples)] if resamples != 1000 else []
        again += ["--seed", str(seed)] if seed else []
        again += ["--fix", "-o", str(output or DEFAULT_OUTPUT)]
        treatment = found.best.treatment
        by_hand = partial(quantize_command, treatment, floats.path, data, output or DEFAULT_OUTPUT, smiles_column)
        is_file = not treatment.scheme.needs_calibration or treatment.set_name == GIVEN
        results["commands"] = [shlex.join(again), *([by_hand(calibset)] if is_file else [])]
        if output is not None:
            results["fixed"] = _fix(found, floats, molecules, output, by_hand, force)
    if report is not None:
        write_diagnosis_report(report, results)
        typer.echo(f"report: {report}", err=True)
    typer.echo(json.dumps(results, indent=2) if as_json else diagnosis_text(results))
    if found.best is not None and output is not None:
        typer.echo(f"{output}: {found.best.treatment.name}", err=True)
    elif fix:
        typer.echo("nothing is written: there is nothing to mend", err=True)


def _fix(
    found: Diagnosis,
    reference: Loaded,
    molecules: Callable[[], TuningMolecules],
    output: Path,
    by_hand: Callable[[Path], str],
    force: bool,
) -> dict[str, Any]:
    """Writes the best remedy's model and, where it took a new calibration set, that set beside it.

    ``by_hand`` gives the command that makes the model with a calibration set.
    """
    from molq.calibset.spec import write_calibset
    from molq.store.molqfile import save
    from molq.workflows.diagnosis.remedies import GIVEN, make

    assert found.best is not None
    treatment = found.best.treatment
    made = make(treatment, reference, found.sets, molecules() if treatment.training else None)
    saved = save(output, made.network, made.card, force=force)
    fixed: dict[str, Any] = {
        "path": str(output),
        "size_bytes": saved.size_bytes,
        "content_hash": saved.content_hash,
        "remedy": treatment.name,
    }
    if treatment.set_name != GIVEN and treatment.scheme.needs_calibration:
        beside = calibset_beside(output)
        write_calibset(beside, found.sets[treatment.set_name].calibset, force=force)
        fixed["calibset"] = str(beside)
        fixed["command"] = by_hand(beside)
    return fixed


def calibset_beside(output: Path) -> Path:
    """Where a new calibration set is written."""
    return output.with_suffix(".calibset.csv")


def _refuse_overwrite(outputs: list[Path], inputs: list[Path], force: bool) -> None:
    from molq.errors import OutputError

    for path in outputs:
        if not path.parent.is_dir():
            raise OutputError(f"{path.parent} is no folder; make it first, or choose another place for {path.name}")
        if path.exists() and any(source.exists() and path.samefile(source) for source in inputs):
            raise OutputError(f"{path} is an input of this command; choose another output")
        if path.exists() and not force:
            raise OutputError(f"{path} exists; choose another name or pass --force")
