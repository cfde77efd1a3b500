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
        typer.Option("--front", help="Also execute plans of mixed precision from 4 to 16 bits: error versus size."),
    ] = False,
    smiles_column: options.SmilesColumn = None,
    all_rows: options.AllRows = False,
    resamples: options.Resamples = 1000,
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Quantize one layer at a time, and spare one at a time; say what each costs, with labels or without."""
    from dataclasses import replace

    from molq.errors import InputError, OutputError
    from molq.face.bundled import model_path
    from molq.quant.observers import check_observer
    from molq.quant.scheme import get_scheme
    from molq.report.mixed_table import mixed_table
    from molq.report.sensitivity_html import write_sensitivity_report
    from molq.report.sensitivity_table import activation_table, alone_table, outlier_lines, spared_table
    from molq.store.molqfile import load
    from molq.workflows.compare.fidelity import yardstick
    from molq.workflows.compare.probe import read_probe
    from molq.workflows.precision.mixed import measured_front
    from molq.workflows.precision.sensitivity import measure_sensitivity, write_sensitivity

    if output is not None and (output / "sensitivity.json").exists() and not force:
        raise OutputError(f"{output} holds an analysis already; choose another folder or pass --force")
    if front and calibset is None:
        raise InputError("--front needs a calibration set: name it with --calibset")
    check_observer(observer)
    chosen = replace(get_scheme(scheme), observer=observer)
    loaded = load(model_path(model))
    calibration = calibration_set(calibset) if calibset is not None else None
    target = read_probe(data, loaded, side=None if all_rows else "test", smiles_column=smiles_column, seed=seed)
    labels = "with labels" if target.labels is not None else "without labels"
    typer.echo(f"{target.name}: {target.graphs.n_mols:,} molecules, {labels}", err=True)
    on = yardstick(loaded.network, target, n_resamples=resamples, seed=seed)
    with shown("layers") as progress:
        found = measure_sensitivity(loaded, chosen, calibration, on, progress.step)
    results = found.to_dict()
    if front and calibration is not None:
        with shown("plans") as progress:
            plans = measured_front(loaded, calibration, on, progress=progress.step)
        results["front"] = [plan.fields() for plan in plans]
    if output is not None:
        write_sensitivity(output, results)
        write_sensitivity_report(output / "report.html", results)
        typer.echo(f"report: {output / 'report.html'}", err=True)
    if as_json:
        typer.echo(json.dumps(results, indent=2))
        return
    tables = [alone_table(results), spared_table(results), activation_table(results)]
    if front:
        tables.append(mixed_table({"executed": results["front"]}))
    typer.echo("\n\n".join(table.to_text() for table in tables))
    for line in outlier_lines(results["sites"]):
        typer.echo(line)
