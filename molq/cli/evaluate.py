"""molq evaluate: saved models against labelled molecules."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from molq.cli import completion, options


def evaluate(
    context: typer.Context,
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="M.molq...",
            help="Models, files or bundled ones; the others are compared with the first.",
            autocompletion=completion.models,
        ),
    ],
    data: options.Labelled,
    tasks: options.Tasks = None,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    censored: options.Censored = None,
    duplicates: options.Duplicates = "keep",
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
    from molq.cli.command import echo_notes
    from molq.data.sources import labelled_set
    from molq.face.bundled import model_path
    from molq.report.text.comparison import comparison_text, counting_notes
    from molq.results.plain import plain
    from molq.store.molqfile import load
    from molq.workflows.compare.comparison import compare

    loaded = [load(model_path(model)) for model in models]
    first = loaded[0].network
    dataset = labelled_set(
        data,
        tasks or first.tasks,
        smiles_column=smiles_column,
        kind=first.kind,
        format=format,
        censored=censored,
        duplicates=duplicates,
    )
    echo_notes(dataset.notes, context)
    side = None if all_rows else split
    found = compare(loaded, dataset, side=side, margin=margin, n_resamples=resamples, seed=seed)
    if not as_json:
        typer.echo(comparison_text(found))
        return
    typer.echo(json.dumps(plain(found), indent=2))
    for note in counting_notes(found.dataset):
        typer.echo(note, err=True)
