"""Molecules of files of any kind, as every door reads them: a SMILES for each row, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from molq.chem.judge import are_smiles
from molq.chem.molblocks import spelled
from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.compression import MAX_HELD_BYTES
from molq.records.input.source import Source
from molq.records.reader import LibraryReader, open_library
from molq.records.record import Rejected
from molq.records.rows import SourceRows, stacked
from molq.records.sampling import chunks_of_pieces, draw_pieces, is_sampled
from molq.records.trailing import trailing_note, trailing_rows
from molq.records.understand import understand

_CHUNK_ROWS = 16_384
SAMPLED_ROWS = 60_000
"""of a very large library; more than its description looks at"""
MAX_ROWS = 10_000_000
"""of a table that is held in memory whole"""


@dataclass(frozen=True)
class MoleculeTable:
    """All n rows of a source."""

    name: str
    smiles: list[str]
    """[n] "" where there is none"""
    ids: list[str] | None
    columns: dict[str, list[str]]
    """name → [n] cells of the columns that were asked for"""
    rejected: list[Rejected]
    """refused rows, ascending"""
    notes: list[str] = field(default_factory=list)
    """what a user should know of how the source was read"""

    @property
    def read(self) -> list[int]:
        """The rows that are not refused, ascending."""
        refused = {rejected.row for rejected in self.rejected}
        return [row for row in range(len(self.smiles)) if row not in refused]

    @property
    def read_smiles(self) -> list[str]:
        """The SMILES of the rows that are not refused."""
        return [self.smiles[row] for row in self.read]


def read_table(
    library: str | Path | Sequence[str | Path] | Source,
    *,
    smiles_column: str | None = None,
    id_column: str | None = None,
    columns: Sequence[str] = (),
    format: str | None = None,
) -> MoleculeTable:
    """All rows of a library, with the columns asked for; ``molecule_rows`` is for what does not fit into memory.

    Columns are given by name or number, ``format`` where name and content do not tell it. Raises InputError as
    ``open_library`` does, for a column that is missing, for data that are damaged on the way, and for more rows than
    are held in memory.
    """
    reader = open_library(library, Wanted(smiles_column, id_column, tuple(columns)), are_smiles, format)
    name = reader.sources[0].name if len(reader.sources) == 1 else f"{len(reader.sources)} files"
    parts = list(_bounded(molecule_rows(reader), name))
    if not parts:
        return MoleculeTable(name, [], [], {column: [] for column in columns}, [], reader.notes)
    rows = stacked(parts)
    smiles = rows.molecules.texts()
    rejected = [Rejected(row, smiles[row], reason) for row, reason in sorted(rows.rejected.items())]
    for row in rows.rejected:
        smiles[row] = ""
    n_trailing = sum(row not in rows.rejected for row in trailing_rows(rows.molecules).tolist())
    notes = [*reader.notes, *trailing_note(n_trailing)]
    cells = {column: cells.texts() for column, cells in zip(columns, rows.columns, strict=True)}
    has_id = any(layout.has_id for layout in reader.layouts)
    return MoleculeTable(name, smiles, rows.ids.texts() if has_id else None, cells, rejected, notes)


def sample_table(
    library: str | Path | Sequence[str | Path] | Source,
    seed: int,
    *,
    n_rows: int = SAMPLED_ROWS,
    smiles_column: str | None = None,
    format: str | None = None,
) -> MoleculeTable | None:
    """About ``n_rows`` rows of a library too large to be read, in its order; None of one that is to be read whole.

    Every row is as likely to be among them as any other. A note says how many they are of how many. Raises InputError
    as ``read_table`` does.
    """
    reader = open_library(library, Wanted(smiles_column), are_smiles, format)
    try:
        if not is_sampled(reader):
            return None
        pieces = draw_pieces(reader, n_rows, seed)
        chunks = chunks_of_pieces(reader, pieces)
        parts = [spelled(understand(chunk, reader.layouts[chunk.layout])) for chunk in chunks]
    finally:
        reader.close()
    smiles = [text for part in parts for text in _accepted(part)]
    n_read = sum(len(part.molecules) for part in parts)
    name = reader.sources[0].name if len(reader.sources) == 1 else f"{len(reader.sources)} files"
    note = (
        f"{name}: {n_read:,} of about {float(f'{n_read / pieces.share:.2g}'):,.0f} rows are read, in"
        f" {len(pieces.numbers)} pieces drawn at random; they stand for all"
    )
    return MoleculeTable(name, smiles, None, {}, [], [*reader.notes, note])


def _accepted(rows: SourceRows) -> list[str]:
    """The molecules, "" for a refused row."""
    smiles = rows.molecules.texts()
    for row in rows.rejected:
        smiles[row] = ""
    return smiles


def molecule_rows(reader: LibraryReader) -> Iterator[SourceRows]:
    """The rows of a library, some thousands at a time, their molecules as SMILES."""
    try:
        for chunk in reader.chunks(_CHUNK_ROWS, _CHUNK_ROWS):
            yield spelled(understand(chunk, reader.layouts[chunk.layout]))
    finally:
        reader.close()


def _bounded(parts: Iterator[SourceRows], name: str) -> Iterator[SourceRows]:
    """The parts of a table that is held whole: a small file may unpack to more than a machine has."""
    n_rows = n_bytes = 0
    for part in parts:
        n_rows += len(part.molecules)
        n_bytes += sum(len(cells.data) for cells in (part.molecules, part.ids, *part.columns))
        if n_rows > MAX_ROWS or n_bytes > MAX_HELD_BYTES:
            raise InputError(
                f"{name}: more than {MAX_ROWS:,} rows or {MAX_HELD_BYTES >> 20:,} MiB of cells, the most that is held"
                " in memory; give a part of it"
            )
        yield part


def column_names(path: str | Path, smiles_column: str | None = None, format: str | None = None) -> tuple[str, ...]:
    """The columns of one source; of an SD file the data fields of its first records.

    Raises InputError when its SMILES cannot be told.
    """
    reader = open_library(path, Wanted(smiles_column), are_smiles, format)
    reader.close()
    return reader.layouts[0].names
