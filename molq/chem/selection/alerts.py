"""Structural alerts: RDKit's filter catalogs, and SMARTS of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule
from molq.errors import InputError

CATALOGS = {"pains": "PAINS", "brenk": "BRENK", "nih": "NIH", "zinc": "ZINC"}
"""name → what RDKit and chemists call it"""
_MAX_BYTES = 16 << 20
_SHOWN = 60


class Pattern(NamedTuple):
    """A SMARTS with its name."""

    name: str
    query: Chem.Mol


class Alerts:
    """What molecules are looked through for."""

    def __init__(self, filters: Sequence[str]) -> None:
        """``filters`` are names of CATALOGS, or paths of files of SMARTS.

        Raises InputError for one that is neither, and for a line that holds no SMARTS, which it names.
        """
        self.names: list[str] = []
        self._catalogs: list[tuple[str, FilterCatalog]] = []
        self._patterns: list[tuple[str, list[Pattern]]] = []
        for text in filters:
            label = CATALOGS.get(text.strip().lower())
            name = label or Path(text).stem
            if name in self.names:
                raise InputError(f"`filter` names {name} twice; once is enough")
            self.names.append(name)
            if label is not None:
                parameters = FilterCatalogParams()
                parameters.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, label))
                self._catalogs.append((label, FilterCatalog(parameters)))
            else:
                self._patterns.append((name, read_smarts(text)))

    def of(self, smiles: str) -> tuple[str, ...]:
        """``CATALOG: name`` of every pattern that matches, each once, in the order of the filters."""
        mol = molecule(smiles)
        if mol is None:
            return ()
        with BlockLogs():
            found, _ = asked(lambda: list(self._matches(mol)))
        return tuple(dict.fromkeys(found or ()))

    def _matches(self, mol: Chem.Mol) -> Iterator[str]:
        for label, catalog in self._catalogs:
            yield from (f"{label}: {match.GetDescription()}" for match in catalog.GetMatches(mol))
        for name, patterns in self._patterns:
            yield from (f"{name}: {pattern.name}" for pattern in patterns if mol.HasSubstructMatch(pattern.query))


def read_smarts(path: str | Path) -> list[Pattern]:
    """The patterns of a file: a line each, SMARTS, then blank, tab or comma, and a name; ``#`` begins a comment.

    The name may stand first, where a tab or a comma follows it in every line. A pattern without a name is called by its
    SMARTS. Raises InputError when the file cannot be read, holds none, or for the first line that is no SMARTS.
    """
    lines = [(number, line.strip()) for number, line in enumerate(_lines(path), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if lines and re.search(r"\bsmarts\b", lines[0][1], re.IGNORECASE) and _pattern(lines[0][1], False) is None:
        lines = lines[1:]  # a header
    if not lines:
        raise InputError(f"{path}: holds no SMARTS; write one a line, a blank, and a name")
    orders = [[_pattern(line, name_first) for _, line in lines] for name_first in (False, True)]
    found = min(orders, key=lambda order: order.count(None))
    for (number, line), pattern in zip(lines, found, strict=True):
        if pattern is None:
            raise InputError(
                f"{path}, line {number}: {line[:_SHOWN]!r} holds no SMARTS that RDKit reads; write SMARTS, a blank and"
                " a name, or # before a comment"
            )
    return [pattern for pattern in found if pattern is not None]


def _lines(path: str | Path) -> list[str]:
    catalogs = ", ".join(CATALOGS)
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror or error}; `filter` takes {catalogs}, or a file of SMARTS"
        ) from error
    if len(data) > _MAX_BYTES:
        raise InputError(f"{path}: larger than {_MAX_BYTES >> 20} MiB; a file of SMARTS has a pattern a line")
    return data.decode("utf-8-sig", "replace").splitlines()


def _pattern(line: str, name_first: bool) -> Pattern | None:
    """The pattern of a line; None where there is none."""
    for smarts, name in _splits(line, name_first):
        query = _query(smarts.strip(' "'))
        if query is not None:
            return Pattern(name.strip(' "\t') or smarts, query)
    return None


def _splits(line: str, name_first: bool) -> Iterator[tuple[str, str]]:
    """(SMARTS, name) in every way that may be meant; a comma may be part of a SMARTS, as in ``[C,N]``."""
    if "\t" in line:
        ends = [line.index("\t")]
    else:
        ends = [match.start() for match in re.finditer(",", line)]
        if not name_first and (blank := re.search(r"\s", line)):
            yield line[: blank.start()].rstrip(","), line[blank.end() :]
    for at in ends:
        before, after = line[:at], line[at + 1 :]
        yield (after, before) if name_first else (before, after)
    yield line, ""


def _query(smarts: str) -> Chem.Mol | None:
    if not smarts:
        return None
    with BlockLogs():
        query, _ = asked(Chem.MolFromSmarts, smarts)
    return query if query is not None and query.GetNumAtoms() else None
