"""molq card: the card of a model as Markdown, or the model in the layout of the Hugging Face Hub."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.show import say, show
from molq.errors import InputError


class CardFormat(StrEnum):
    """What is written."""

    MARKDOWN = "md"
    HUB = "hf"


def card(
    model: Annotated[
        str,
        typer.Argument(metavar="M.molq", help="A .molq file or a bundled model.", autocompletion=completion.models),
    ],
    format: Annotated[
        CardFormat, typer.Option(help="md prints the card; hf writes a folder for the Hugging Face Hub.")
    ] = CardFormat.MARKDOWN,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder to write, with --format hf.")
    ] = None,
    force: options.Force = False,
) -> None:
    """Print a model's card as Markdown, or write README.md, config.json and model.safetensors for the Hub.

    molq.load reads such a folder back.
    """
    import molq
    from molq.face.bundled import model_path
    from molq.report.text.model_card import model_card
    from molq.store.molqfile import read_header

    if format is CardFormat.MARKDOWN:
        if output is not None:
            raise InputError("`output` is the folder of `format=hf`; without it the card is printed")
        show(read_header(model_path(model)), model_card)
        return
    if output is None:
        raise InputError("`format=hf` writes a folder; name it with `output`")
    say(f"wrote {molq.load(model).save_pretrained(output, force=force)}")
