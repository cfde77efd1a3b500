"""molq info: what is inside a .molq file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import completion, options
from molq.cli.show import show, show_json

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

    from molq.face.bundled import model_path
    from molq.report.text.card import card_text
    from molq.store.molqfile import load, read_header

    path = model_path(model)
    if verify:
        load(path)
    header = read_header(path)
    if as_json:
        show_json(_whole(header))
    else:
        show(header, lambda found: card_text(found, verified=verify))


def _whole(header: ModelHeader) -> dict[str, Any]:
    described = header.description
    return {
        "path": header.path,
        "size_bytes": header.size_bytes,
        "content_hash": header.content_hash,
        "scheme": described.scheme,
        "members": described.configs,
        "layers": described.layers,
        "card": described.card,
    }
