"""A model in the layout of the Hugging Face Hub: README.md, config.json and model.safetensors, and read back.

The weights file is the .molq file itself, which is a safetensors file; config.json repeats what it is for tools that
read no metadata, and is held against it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from molq.errors import ModelFileError, MolqError
from molq.files import require_file, whole_folder
from molq.outputs import refuse_folder
from molq.serial import from_json, to_pretty_json
from molq.store.molqfile import ModelHeader, read_header

CARD, CONFIG, WEIGHTS = "README.md", "config.json", "model.safetensors"
MAX_CONFIG_BYTES = 1 << 20


class HubConfig(msgspec.Struct, frozen=True):
    """config.json; other fields are left to other tools."""

    library_name: Annotated[str, msgspec.Meta(pattern="^molq$")]
    content_hash: str
    architectures: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    kind: str = ""
    scheme: str = ""


def write_layout(folder: str | Path, blob: bytes, header: ModelHeader, card: str, *, force: bool = False) -> Path:
    """Writes the three files, whole or not at all; ``blob`` is the .molq file and ``card`` the text of README.md.

    Raises OutputError when one of them is there and ``force`` is False, or when they cannot be written.
    """
    refuse_folder(folder, (CARD, CONFIG, WEIGHTS), [header.path], force=force)
    first = header.description.configs[0]
    config = HubConfig(
        "molq", header.content_hash, (first.architecture,), first.tasks, first.kind, header.description.scheme
    )
    with whole_folder(folder, force=force) as hidden:
        (hidden / CARD).write_text(card, encoding="utf-8")
        (hidden / CONFIG).write_text(to_pretty_json(config), encoding="utf-8")
        (hidden / WEIGHTS).write_bytes(blob)
    return Path(folder)


def is_layout(path: str | Path) -> bool:
    """Whether a folder holds a weights file, as the Hub lays it out."""
    return (Path(path) / WEIGHTS).exists()


def weights_of(folder: str | Path) -> Path:
    """The .molq file in such a folder. Raises ModelFileError when its files do not belong together."""
    weights, config = Path(folder) / WEIGHTS, Path(folder) / CONFIG
    require_file(config, ModelFileError)
    try:
        with config.open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ModelFileError(f"{config}: cannot be read ({error.strerror})") from error
    if len(text) > MAX_CONFIG_BYTES:
        raise ModelFileError(f"{config}: larger than {MAX_CONFIG_BYTES >> 20} MiB, so it is none that molq wrote")
    try:
        told = from_json(text, HubConfig, f"{config}: not the configuration of a molq model")
    except MolqError as error:
        raise ModelFileError(str(error)) from error
    if (found := read_header(weights).content_hash) != told.content_hash:
        raise ModelFileError(
            f"{folder}: {CONFIG} belongs to {told.content_hash[:19]}…, and {WEIGHTS} is {found[:19]}…; get both anew"
        )
    return weights
