"""What must stay the same from one session of a run to the next, so that its output comes from one piece."""

from __future__ import annotations

import msgspec

from molq import __version__
from molq.records.reader import LibraryReader
from molq.screening.fingerprint import WHOLE_BYTES, fingerprint
from molq.screening.settings import Settings
from molq.screening.workers.job import ModelSource
from molq.urls import name_in


class InputFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the library; where it lies does not matter."""

    name: str
    content: str
    """its fingerprint"""


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a run."""

    molq: str
    """version"""
    models: tuple[str, ...]
    """sha256 of each"""
    inputs: tuple[InputFile, ...]
    settings: Settings


def identify(
    models: tuple[ModelSource, ...], reader: LibraryReader, settings: Settings, whole_bytes: int = WHOLE_BYTES
) -> Identity:
    """Reads models and library once; the reader is told the lines that were counted on the way.

    Of files over ``whole_bytes`` only samples are read.
    """
    inputs = []
    for i, source in enumerate(reader.sources):
        found = fingerprint(source, whole_bytes)
        if found.n_lines is not None:
            reader.state_lines(i, found.n_lines)
        inputs.append(InputFile(name_in(source.path), found.content))
    return Identity(__version__, tuple(model.sha256 for model in models), tuple(inputs), settings)


def difference(before: Identity, now: Identity) -> str | None:
    """What has changed, in words; None when nothing has."""
    if before.molq != now.molq:
        return f"it was begun by molq {before.molq}, and this is {now.molq}"
    if before.models != now.models:
        return "the model has changed"
    if before.inputs != now.inputs:
        changed = [file.name for file in now.inputs if file not in before.inputs]
        return f"the input has changed ({', '.join(changed[:3]) or 'other files'})"
    for name in Settings.__struct_fields__:
        was, is_now = getattr(before.settings, name), getattr(now.settings, name)
        if was != is_now:
            return f"`{name}` was {was!r}, and is {is_now!r} now"
    return None
