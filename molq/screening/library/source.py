"""A prepared library as a source of records: its row groups, which workers read themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from molq.records.choice import Wanted
from molq.records.input.source import Source
from molq.records.reader import LibraryReader, open_library
from molq.screening.library.file import SLICE
from molq.screening.library.file import open_library as open_prepared
from molq.screening.settings import Settings


class PreparedSource:
    """Slices of row groups, by number. Raises InputError when the file is damaged or lacks a wanted column."""

    whole_groups = True
    position = 0
    example = ""

    def __init__(self, source: Source, wanted: Wanted) -> None:
        library = open_prepared(source.path)
        self.layout = library.layout(wanted)
        self.notes: list[str] = []
        self._group_rows = library.group_rows
        self.stated_rows: int | None = sum(self._group_rows)
        self._group = self._at = 0

    def state_lines(self, n_lines: int) -> None:
        """The file states its rows itself."""

    def take(self, n_rows: int) -> tuple[bytes, int]:
        """The next slice of at most ``n_rows`` rows, and how many they are; none at the end."""
        while self._group < len(self._group_rows) and self._at >= self._group_rows[self._group]:
            self._group, self._at = self._group + 1, 0
        if self._group >= len(self._group_rows):
            return b"", 0
        stop = min(self._group_rows[self._group], self._at + n_rows)
        body, taken = SLICE.pack(self._group, self._at, stop), stop - self._at
        self._at = stop
        return body, taken

    def skip(self, n_rows: int) -> int:
        """Pass over ``n_rows`` rows, or as many as there are."""
        skipped = 0
        while skipped < n_rows:
            _, taken = self.take(n_rows - skipped)
            if taken == 0:
                break
            skipped += taken
        return skipped

    def digest(self) -> str:
        return ""

    def close(self) -> None:
        pass


def open_screened(library: str | Path | Sequence[str | Path], settings: Settings) -> LibraryReader:
    """A reader of all that can be screened: what records reads, and prepared libraries.

    Raises InputError, naming file and remedy, when something cannot be read as molecules.
    """
    return open_library(library, settings.wanted, _are_smiles, settings.format, {".molqlib": PreparedSource})


def _are_smiles(texts: Sequence[str]) -> Sequence[bool]:
    """RDKit is loaded when a column is in doubt, and not before: the parent of workers does without."""
    from molq.chem.judge import are_smiles

    return are_smiles(texts)
