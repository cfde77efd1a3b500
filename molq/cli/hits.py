"""molq hits: from scores to a list worth ordering."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from molq.cli import completion, options
from molq.cli.command import in_flags
from molq.cli.parsed import names
from molq.cli.progress import shown
from molq.cli.saving import saved
from molq.cli.show import aside, show


def hits(
    context: typer.Context,
    scores: Annotated[
        list[str],
        typer.Argument(
            metavar="SCORES...",
            help="What molq screen wrote, or any table with SMILES and scores; - for standard input.",
            autocompletion=completion.molecules,
        ),
    ],
    task: Annotated[
        str | None,
        typer.Option(metavar="T", help="Column that ranks, by name or number in the file, where there are several."),
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", help="The best so many rows are looked at.")] = 500,
    diverse: Annotated[
        int | None, typer.Option(metavar="K", help="Choose so many of them that are unlike each other.")
    ] = None,
    diverse_by: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="cluster (the best of each group of similar molecules) or maxmin (each as unlike the others as it can"
            " be, weighted by its rank).",
        ),
    ] = "cluster",
    filter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ALERTS",
            help="Flag molecules by structural alerts: pains, brenk, nih, zinc, with commas between, or a file of"
            " SMARTS; repeat it for several.",
        ),
    ] = None,
    drop_alerts: Annotated[
        bool, typer.Option("--drop-alerts", help="Leave out what has an alert, instead of flagging it.")
    ] = False,
    property: Annotated[
        list[str] | None,
        typer.Option(metavar="CONDITION", help="Keep molecules that meet it, such as 'mw<500'; repeat it for several."),
    ] = None,
    lowest: Annotated[bool, typer.Option("--lowest", help="Low scores are the good ones.")] = False,
    output: Annotated[
        list[Path] | None, options.output("OUT", "File to write: .html, .sdf, .xlsx or .csv; repeat it for several.")
    ] = None,
    model: Annotated[
        str | None,
        options.model("M.molq", "The model that gave the scores: says of each whether it can be believed."),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="D",
            help="Molecules that the model was trained on, where its file does not hold them; a file or a data set.",
            autocompletion=completion.molecules,
        ),
    ] = None,
    against: Annotated[
        str | None, options.model("OTHER.molq", "Another model: which molecules move most in rank by it.")
    ] = None,
    smiles_column: options.SmilesColumn = None,
    id_column: options.IdColumn = None,
    format: options.Format = None,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Make a list worth ordering of scores: the best molecules, diverse if wanted, with alerts and properties."""
    import molq
    from molq.face.inputs import input_files
    from molq.outputs import refuse_outputs
    from molq.records.input.source import find_sources
    from molq.report.files.formats import written_as
    from molq.report.text.hits import hits_text

    filters = [name for text in filter or () for name in names(text)]
    outputs = output or []
    for path in outputs:
        written_as(path)
    sources = [source.path for source in find_sources(scores, format).sources]
    refuse_outputs(outputs, input_files(*sources, *filters, model, reference, against), force=force)
    how: dict[str, Any] = {"diverse_by": diverse_by}
    with shown("hits") as progress:
        found = molq.hits(
            scores,
            task=task,
            top=top,
            diverse=diverse,
            filter=filters,
            drop_alerts=drop_alerts,
            property=property or (),
            lowest=lowest,
            model=model,
            reference=reference,
            against=against,
            smiles_column=smiles_column,
            id_column=id_column,
            format=format,
            progress=progress,
            **how,
        )
        for path in outputs:
            saved(lambda path, force: molq.write_hits(found, path, force=force), path, force=force)
    show(found, lambda hits: in_flags(hits_text(hits), context.command), as_json)
    for path in outputs:
        aside(f"wrote {path}")
