"""molq info: what is inside a .molq file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import completion, options

if TYPE_CHECKING:
    from molq.store.molqfile import ModelHeader


def info(
    model: Annotated[
        str,
        typer.Argument(metavar="M.molq", help="A .molq file or a bundled model.", autocompletion=completion.models),
    ],
    as_json: options.AsJson = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read the tensors too, and check the content hash.")] = False,
) -> None:
    """Show what a model is, how it was made, and what was measured of it."""
    import json

    from molq.face.bundled import model_path
    from molq.report.text.card import card_text
    from molq.store.molqfile import load, read_header

    path = model_path(model)
    if verify:
        load(path)
    header = read_header(path)
    typer.echo(json.dumps(_as_dict(header), indent=2) if as_json else card_text(header, verified=verify))


def _as_dict(header: ModelHeader) -> dict[str, Any]:
    from molq.results.plain import plain

    described = header.description
    return {
        "path": str(header.path),
        "size_bytes": header.size_bytes,
        "content_hash": header.content_hash,
        "scheme": described.scheme,
        "members": plain(described.configs),
        "layers": plain(described.layers),
        "card": plain(described.card),
    }
