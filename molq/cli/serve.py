"""molq serve: a web page and an HTTP API."""

from __future__ import annotations

from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.show import aside


def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="M.molq...",
            help="What to score with: .molq files or bundled models.",
            autocompletion=completion.models,
        ),
    ],
    reference: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Library among which scores are ranked: a file, or a data set by name.",
            autocompletion=completion.molecules,
        ),
    ] = "zinc-sample",
    host: Annotated[
        str, typer.Option(help="Address to listen at; any but this machine's own wants --token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at; 0 for any that is free.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="MOLQ_TOKEN", metavar="T", help="What clients must send (Authorization: Bearer T); or $MOLQ_TOKEN."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder for uploads, jobs and results. Default: ~/.local/state/molq/serve."),
    ] = None,
    keep_gb: Annotated[
        float, typer.Option(metavar="GB", help="Gigabytes kept in it; the oldest finished jobs go first.")
    ] = 20.0,
    workers: options.Workers = None,
    timeout_per_molecule: options.TimeoutPerMolecule = 10.0,
) -> None:
    """Serve models to a browser and to programs: a page for chemists, and an HTTP API."""
    import molq

    molq.serve(
        models,
        reference=reference,
        host=host,
        port=port,
        token=token,
        data=data,
        keep_gb=keep_gb,
        workers=workers,
        timeout_per_molecule=timeout_per_molecule,
        started=lambda url: aside(f"serving at {url}, the API is described at {url}/docs; stop it with Ctrl-C"),
    )
