"""The molecules of a small file of any kind, read as a screen reads it."""

from __future__ import annotations

from molq.chem.judge import are_smiles
from molq.chem.table import molecule_rows
from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import FORMATS, Source, promised
from molq.records.reader import open_library
from molq.records.rows import SourceRows, stacked
from molq.records.trailing import trailing_note, trailing_rows
from molq.server.pool.questions import Read, ReadRows


def rows_in_file(question: Read) -> ReadRows:
    """The first rows of a file in memory. Raises InputError when it cannot be read as molecules."""
    if question.format is not None and question.format not in FORMATS:
        raise InputError(f"`format` {question.format[:40]!r} is none that is read; it is one of {', '.join(FORMATS)}")
    source = Source(question.name, promised(question.name), question.format, question.content)
    return first_rows(source, question.most_rows, Wanted(question.smiles_column, question.id_column))


def first_rows(library: str | Source, most_rows: int, wanted: Wanted | None = None) -> ReadRows:
    """The same of any library."""
    reader = open_library(library, wanted or Wanted(), are_smiles)
    parts: list[SourceRows] = []
    n_rows = 0
    for part in molecule_rows(reader):
        parts.append(part)
        n_rows += len(part.molecules)
        if n_rows > most_rows:
            break
    is_cut = n_rows > most_rows
    total = max(reader.total_rows(n_rows) or n_rows, n_rows)
    reader.close()
    has_id = any(layout.has_id for layout in reader.layouts)
    if not parts:
        return ReadRows((), () if has_id else None, {}, 0, False, tuple(reader.notes))
    rows = stacked(parts)
    n_kept = min(n_rows, most_rows)
    smiles, identifiers = rows.molecules[:n_kept], rows.ids[:n_kept]
    rejected = {row: reason for row, reason in rows.rejected.items() if row < n_kept}
    n_trailing = sum(row not in rejected for row in trailing_rows(smiles).tolist())
    return ReadRows(
        tuple(smiles.texts()),
        tuple(identifiers.texts()) if has_id else None,
        rejected,
        total,
        is_cut,
        (*reader.notes, *trailing_note(n_trailing)),
    )
