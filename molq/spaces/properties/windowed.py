"""Sheets whose products are held to windows: cut where the terms of properties differ, each with columns to add up."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, Field
from molq.progress import SILENT, Progress
from molq.spaces.pieces import Piece
from molq.spaces.properties.property_terms import PropertyTerms, property_terms
from molq.spaces.properties.windows import Windows
from molq.spaces.sheets import Sheet, Window

_PORT = ("atomic_number", "degree", "charge", "hydrogens", "aromatic")
_BESIDE = ("atomic_number", "charge", "aromatic")
_BOND = ("type", "ring")


def windowed(sheets: Sequence[Sheet], windows: Windows, seed: int = 0, progress: Progress = SILENT) -> Iterator[Sheet]:
    """The same products, in sheets with a window each.

    Raises UnsupportedError where a property is no sum of terms, naming it and the reaction.
    """
    progress.stage("properties")
    for done, sheet in enumerate(sheets, 1):
        keys = [{piece.synthon: _seen(piece) for piece in own} for own in sheet.pieces]
        terms = property_terms(sheet.reaction, sheet.synthons, keys, windows.names, seed)
        yield from _cut(sheet, terms, windows)
        progress.step(done, len(sheets))


def _cut(sheet: Sheet, terms: PropertyTerms, windows: Windows) -> Iterator[Sheet]:
    """A sheet for every combination of classes; what these add stands in the columns of the first position."""
    for kinds in itertools.product(*map(range, terms.corrections.shape[:-1])):
        pieces = tuple(
            tuple(piece for piece in own if classes[piece.synthon] == kind)
            for own, classes, kind in zip(sheet.pieces, terms.classes, kinds, strict=True)
        )
        columns = [table[[piece.synthon for piece in own]] for own, table in zip(pieces, terms.columns, strict=True)]
        columns[0] = columns[0] + terms.corrections[kinds]
        if _can_meet(columns, windows):
            narrow = tuple(column.astype(np.float32) for column in columns)
            low, high = windows.low.astype(np.float32), windows.high.astype(np.float32)
            yield replace(sheet, pieces=pieces, window=Window(narrow, low, high))


def _can_meet(columns: Sequence[np.ndarray], windows: Windows) -> bool:
    """Whether the extremes of the terms leave room for a product."""
    if not all(map(len, columns)):
        return False
    least = sum(column.min(axis=0) for column in columns)
    most = sum(column.max(axis=0) for column in columns)
    return bool(np.all(least <= windows.high) and np.all(most >= windows.low))


def _seen(piece: Piece) -> Hashable:
    """Of a piece the atoms where it is joined, and their neighbours."""
    found = []
    for slot, port in enumerate(piece.ports.tolist()):
        if port < 0:
            continue
        beside = []
        for bond, ends in zip(piece.bonds.tolist(), piece.ends.tolist(), strict=True):
            if port in ends:
                other = ends[0] if ends[1] == port else ends[1]
                joined = tuple(np.flatnonzero(piece.ports == other).tolist())
                beside.append(
                    (_read(bond, BOND_FIELDS, _BOND), _read(int(piece.atoms[other]), ATOM_FIELDS, _BESIDE), joined)
                )
        joined = tuple(np.flatnonzero(piece.ports == port).tolist())
        found.append((slot, _read(int(piece.atoms[port]), ATOM_FIELDS, _PORT), joined, tuple(sorted(beside))))
    return tuple(found)


def _read(code: int, fields: dict[str, Field], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(code >> fields[name].shift & (1 << fields[name].width) - 1 for name in names)
