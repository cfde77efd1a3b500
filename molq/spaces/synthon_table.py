"""The lines of a synthon file: RDKit's text files and Chemspace's CSV, packed as any file that molq reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from molq.errors import InputError
from molq.records.encoding import text_of
from molq.records.input.source import find_sources
from molq.records.input.stream import ByteStream
from molq.spaces.space import Space

_GAP = re.compile(r"[\s,]+")
_COLUMNS = {
    "smiles": ("smiles",),
    "id": ("synton_id", "synthon_id"),
    "position": ("synton#", "synthon#", "synton_role", "synthon_role"),
    "reaction": ("reaction_id",),
}
"""field → what its column may be called, in lower case"""
_FORMAT = "SMILES, synton_id, synton# or synton_role, reaction_id"
_READ_BYTES = 1 << 20
_MAX_LINE_BYTES = 1 << 20


class SynthonLine(NamedTuple):
    """One synthon of a position of a reaction."""

    smiles: str
    id: str
    position: str
    reaction: str


def synthon_lines(path: str | Path) -> Iterator[SynthonLine]:
    """The lines below the header; blank ones and those that begin with # are passed over.

    Raises InputError for a file without such a header, and for a line that lacks a field, naming it.
    """
    name, columns = str(path), None
    for number, line in enumerate(_lines(path), 1):
        cells = [cell.strip('"') for cell in _GAP.split(line.strip())]
        if cells == [""] or cells[0].startswith("#"):
            continue
        if columns is None:
            columns = _columns(cells, f"{name}, line {number}")
            continue
        if len(cells) <= max(columns):
            raise InputError(
                f"{name}, line {number}: {len(cells)} fields where {max(columns) + 1} are needed ({_FORMAT})"
            )
        yield SynthonLine(*(cells[at] for at in columns))
    if columns is None:
        raise InputError(f"{name}: holds no synthons; its first line names the columns: {_FORMAT}")


def synthon_text(space: Space) -> str:
    """The synthons of a space in RDKit's format; white space in names becomes _."""
    lines = ["SMILES\tsynton_id\tsynton#\treaction_id"]
    for reaction in space.reactions:
        for position, synthons in enumerate(reaction.positions):
            for synthon in synthons:
                cells = (synthon.smiles, _word(synthon.id), str(position), _word(reaction.id))
                lines.append("\t".join(cells))
    return "\n".join((*lines, ""))


def _word(name: str) -> str:
    return _GAP.sub("_", name) or "_"


def _columns(cells: list[str], place: str) -> list[int]:
    """Where the fields of a SynthonLine stand."""
    known = [cell.lower() for cell in cells]
    found = []
    for names in _COLUMNS.values():
        at = next((known.index(name) for name in names if name in known), None)
        if at is None:
            raise InputError(f"{place}: no column {names[0]}; a file of synthons has the columns {_FORMAT}")
        found.append(at)
    return found


def _lines(path: str | Path) -> Iterator[str]:
    (source, *others) = find_sources(path).sources
    if others:
        raise InputError(f"{path}: {len(others) + 1} files; a space is one")
    stream = ByteStream(source)
    try:
        stream.decode_text()
        rest = b""
        while data := stream.read(_READ_BYTES):
            whole = (rest + data).splitlines(keepends=True)
            rest = b"" if whole[-1].endswith((b"\n", b"\r")) else whole.pop()
            if len(rest) > _MAX_LINE_BYTES:
                raise InputError(f"{source.name}: a line of more than {_MAX_LINE_BYTES >> 20} MiB; not a synthon file")
            yield from map(text_of, whole)
        yield text_of(rest)
    finally:
        stream.close()
