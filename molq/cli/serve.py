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
    workers: options.Workers = None,
    timeout_per_molecule: options.TimeoutPerMolecule = 10.0,
) -> None:
    """Serve models to a browser and to programs: a page for chemists, and an HTTP API."""
    import molq

    molq.serve(
        models,
        host=host,
        port=port,
        token=token,
        workers=workers,
        timeout_per_molecule=timeout_per_molecule,
        started=lambda url: aside(f"serving at {url}, the API is described at {url}/docs; stop it with Ctrl-C"),
    )
