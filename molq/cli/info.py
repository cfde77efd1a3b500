"""molq info: what is inside a .molq file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import options

if TYPE_CHECKING:
    from molq.store.molqfile import ModelHeader


def info(
    model: Annotated[Path, typer.Argument(metavar="M.molq", help="File to describe.")],
    as_json: options.AsJson = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read the tensors too, and check the content hash.")] = False,
) -> None:
    """Show what a model is, how it was made, and what was measured of it."""
    import json

    from molq.report.card_text import card_text
    from molq.store.molqfile import load, read_header

    if verify:
        load(model)
    header = read_header(model)
    typer.echo(json.dumps(_as_dict(header), indent=2) if as_json else card_text(header, verified=verify))


def _as_dict(header: ModelHeader) -> dict[str, Any]:
    described = header.description
    return {
        "path": str(header.path),
        "size_bytes": header.size_bytes,
        "content_hash": header.content_hash,
        "scheme": described.scheme,
        "members": [config.to_dict() for config in described.configs],
        "layers": list(described.layers),
        "card": described.card.to_dict(),
    }
