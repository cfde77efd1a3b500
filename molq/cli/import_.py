"""molq import: chemprop checkpoints, or ADMET-AI's ensembles, as one .molq file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import options
from molq.cli.progress import shown


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="CKPT...",
            help="chemprop v2 .pt or .ckpt files (several make an ensemble), a directory of them, "
            "admet_ai:classification or admet_ai:regression.",
        ),
    ],
    output: Annotated[Path, options.output("M.molq")],
    tasks: Annotated[
        str | None, typer.Option(help="Task names, separated by commas. Default: those of the checkpoint.")
    ] = None,
    name: options.CardName = None,
    description: options.CardDescription = "",
    force: options.Force = False,
) -> None:
    """Import a chemprop v2 model, or ADMET-AI, without running any code of its files."""
    from molq.errors import OutputError
    from molq.interop.sources import checkpoint_paths, import_model
    from molq.store.card import Card
    from molq.store.molqfile import save

    if output.exists() and any(output.samefile(path) for path in checkpoint_paths(sources) if path.exists()):
        raise OutputError(f"{output} is an input of this command; choose another output")
    if output.exists() and not force:
        raise OutputError(f"{output} exists already; choose another name, or --force to replace it")
    with shown("checkpoints") as progress:
        imported = import_model(sources, options.names(tasks) or None, progress)
    card = Card(name or output.stem, description, provenance=imported.provenance)
    saved = save(output, imported.network, card, force=force)
    model = imported.network
    members = f", {len(model.members)} members" if len(model.members) > 1 else ""
    typer.echo(
        f"{output}: {model.members[0].config.architecture}{members}, {len(model.tasks)} {model.kind} tasks, "
        f"{saved.size_bytes:,} bytes"
    )
