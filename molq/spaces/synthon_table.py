"""The lines of a synthon file: RDKit's text files and Chemspace's CSV, packed as any file that molq reads."""

from __future__ import annotations

import csv
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

    A file whose header has commas is CSV, any other is cut at white space. Raises InputError for a file without such a
    header, and for a line that lacks a field, naming it.
    """
    name, columns, header, n_named = str(path), None, "", 0
    for number, line in enumerate(_lines(path), 1):
        place, text = f"{name}, line {number}", line.strip()
        if not text or text.lstrip('"').startswith("#"):
            continue
        header = header or text
        cells = _quoted(text, place) if "," in header else [cell.strip('"') for cell in text.split()]
        if columns is None:
            columns, n_named = _columns(cells, place), len(cells)
            continue
        if "," not in header and len(cells) != n_named:
            raise InputError(
                f"{place}: {len(cells)} fields where the header names {n_named}; blanks within a field and empty"
                " fields need a file with commas"
            )
        if len(cells) <= max(columns):
            raise InputError(f"{place}: {len(cells)} fields where {max(columns) + 1} are needed ({_FORMAT})")
        found = SynthonLine(*(cells[at] for at in columns))
        if "" in found:
            raise InputError(f"{place}: the {SynthonLine._fields[found.index('')]} is empty ({_FORMAT})")
        yield found
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


def _quoted(text: str, place: str) -> list[str]:
    try:
        (cells,) = csv.reader([text], skipinitialspace=True)
    except csv.Error as error:
        raise InputError(f"{place}: {error}") from error
    return [cell.strip() for cell in cells]


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
