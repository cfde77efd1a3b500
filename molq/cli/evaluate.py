"""molq evaluate: saved models against labelled molecules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import options

if TYPE_CHECKING:
    from molq.data.labels import LabelledSet
    from molq.store.molqfile import Loaded
    from molq.workflows.compare.evaluation import Rows


def evaluate(
    models: Annotated[
        list[Path], typer.Argument(metavar="M.molq...", help="Models; the others are compared with the first.")
    ],
    data: options.Labelled,
    task: options.Tasks = None,
    smiles_column: options.SmilesColumn = None,
    split: Annotated[
        str,
        typer.Option(metavar="SIDE", help="Side of the split on the models' cards that counts: test, valid or train."),
    ] = "test",
    all_rows: options.AllRows = False,
    margin: options.Margin = None,
    resamples: options.Resamples = 2000,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Measure models on labelled molecules they never saw, with intervals, and compare them with the first."""
    from molq.errors import InputError
    from molq.report.evaluation_table import comparison_table, secondary_table
    from molq.store.molqfile import load
    from molq.workflows.compare.evaluation import SIDES, counted_rows
    from molq.workflows.compare.evaluation import evaluate as run
    from molq.workflows.compare.sources import labelled_set

    if split not in SIDES:
        raise InputError(f"--split {split} must be one of {', '.join(SIDES)}")
    loaded = [load(path) for path in models]
    first = loaded[0].network
    dataset = labelled_set(data, task or first.tasks, smiles_column=smiles_column, kind=first.kind)
    rows = counted_rows(loaded, dataset, None if all_rows else split)
    evaluation = run(loaded, dataset.subset(rows.places), margin=margin, n_resamples=resamples, seed=seed)
    _explain(loaded, dataset, rows, None if all_rows else split)
    if as_json:
        typer.echo(json.dumps(evaluation.to_dict(), indent=2))
        return
    results = evaluation.to_dict()
    typer.echo(f"{comparison_table(results).to_text()}\n\n{secondary_table(results).to_text()}")


def _explain(models: list[Loaded], dataset: LabelledSet, rows: Rows, side: str | None) -> None:
    """On stderr: which molecules count, and what is not known of them."""
    refused = f", {len(dataset.rejected)} rejected" if dataset.rejected else ""
    which = "all" if len(rows.places) == len(dataset) else f"{len(rows.places):,} of {len(dataset):,}"
    typer.echo(f"{dataset.name}: {which} molecules count{refused}", err=True)
    if side is None:
        typer.echo("note: molecules that a model was trained on count too", err=True)
    for path in rows.unknown:
        typer.echo(f"note: {path} does not say whether it was trained on molecules of {dataset.name}", err=True)
