"""molq evaluate: saved models against labelled molecules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli import completion, options

if TYPE_CHECKING:
    from molq.results.comparison import LabelledSection


def evaluate(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="M.molq...",
            help="Models, files or bundled ones; the others are compared with the first.",
            autocompletion=completion.models,
        ),
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
    from molq.data.sources import labelled_set
    from molq.face.bundled import model_path
    from molq.report.evaluation_table import comparison_table, secondary_table
    from molq.results.plain import plain
    from molq.store.molqfile import load
    from molq.workflows.compare.comparison import compare

    loaded = [load(model_path(model)) for model in models]
    first = loaded[0].network
    dataset = labelled_set(data, task or first.tasks, smiles_column=smiles_column, kind=first.kind)
    side = None if all_rows else split
    found = compare(loaded, dataset, side=side, margin=margin, n_resamples=resamples, seed=seed)
    _explain(found.dataset)
    results = plain(found)
    if as_json:
        typer.echo(json.dumps(results, indent=2))
        return
    typer.echo(f"{comparison_table(results).to_text()}\n\n{secondary_table(results).to_text()}")


def _explain(dataset: LabelledSection) -> None:
    """On stderr: which molecules count, and what is not known of them."""
    refused = f", {dataset.rejected} rejected" if dataset.rejected else ""
    is_whole = dataset.molecules == dataset.all_molecules
    which = "all" if is_whole else f"{dataset.molecules:,} of {dataset.all_molecules:,}"
    typer.echo(f"{dataset.name}: {which} molecules count{refused}", err=True)
    if dataset.side is None:
        typer.echo("note: molecules that a model was trained on count too", err=True)
    for path in dataset.unknown:
        typer.echo(f"note: {path} does not say whether it was trained on molecules of {dataset.name}", err=True)
