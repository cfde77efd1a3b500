"""molq evaluate: saved models against labelled molecules."""

from __future__ import annotations

from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.progress import shown
from molq.cli.show import aside, show


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
    import molq
    from molq.report.text.comparison import comparison_text, counting_notes

    with shown("evaluate") as progress:
        found = molq.evaluate(
            models,
            data,
            tasks=tasks,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            duplicates=duplicates,
            split=split,
            all_rows=all_rows,
            margin=margin,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
    show(found, comparison_text, as_json)
    if as_json:
        for note in counting_notes(found.dataset):
            aside(note)
