"""molq evaluate: saved models against labelled molecules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from molq.results.comparison import LabelledSection


def evaluate(
    models: Annotated[
        list[Path], typer.Argument(metavar="M.molq...", help="Models; the others are compared with the first.")
    ],
    data: Annotated[
        str, typer.Option(metavar="LABELLED", help="A registered data set (molq data list), or a table with labels.")
    ],
    task: Annotated[
        list[str] | None,
        typer.Option(metavar="T", help="Task of the models, and label column; repeat it for several. Default: all."),
    ] = None,
    smiles_column: Annotated[str | None, typer.Option(help="SMILES column, when its name is unusual.")] = None,
    split: Annotated[
        str,
        typer.Option(metavar="SIDE", help="Side of the split on the models' cards that counts: test, valid or train."),
    ] = "test",
    all_rows: Annotated[
        bool, typer.Option("--all-rows", help="Count every molecule, whether or not a model was trained on it.")
    ] = False,
    margin: Annotated[
        float | None,
        typer.Option(
            help="Loss that still counts as none. Default: 0.005 ROC-AUC, or 1% of the labels' spread in RMSE."
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
) -> None:
    """Measure models on labelled molecules they never saw, with intervals, and compare them with the first."""
    from molq.data.sources import labelled_set
    from molq.report.evaluation_table import comparison_table, secondary_table
    from molq.results.plain import plain
    from molq.store.molqfile import load
    from molq.workflows.compare.comparison import compare

    loaded = [load(path) for path in models]
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
