"""molq plan: what a screen would take."""

from __future__ import annotations

from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.parsed import is_model
from molq.cli.progress import shown
from molq.cli.show import show, show_json


def plan(
    models: Annotated[
        str,
        typer.Argument(
            metavar="M.molq",
            help="A .molq file or a bundled model.",
            autocompletion=completion.models,
        ),
    ],
    library: Annotated[
        list[str],
        typer.Argument(
            metavar="LIBRARY...",
            help="More models, if any, each planned by itself; then the library, as for molq screen.",
            autocompletion=completion.models_and_molecules,
        ),
    ],
    cores: Annotated[int, typer.Option(metavar="N", help="Cores of the cluster.")] = 64,
    rate: Annotated[
        float | None,
        typer.Option(metavar="MOL/S", help="Molecules/s of one core. Default: measured on 20,000 rows."),
    ] = None,
    smiles_column: options.SmilesColumn = None,
    id_column: options.IdColumn = None,
    format: options.Format = None,
    as_json: options.AsJson = False,
) -> None:
    """Say how long a screen takes on many cores, what it costs and what it writes, before it is begun."""
    import molq
    from molq.report.text.plan import plan_text

    more = [entry for entry in library if is_model(entry)]
    with shown("plan", "mol") as progress:
        found = molq.plan(
            [models, *more],
            [entry for entry in library if entry not in more],
            cores=cores,
            rate=rate,
            smiles_column=smiles_column,
            id_column=id_column,
            format=format,
            progress=progress,
        )
    if as_json:
        show_json(found)
    else:
        show(found, plan_text)
