"""The molecules of a small file of any kind, read as a screen reads it."""

from __future__ import annotations

from molq.chem.judge import are_smiles
from molq.chem.table import molecule_rows
from molq.records.choice import Wanted
from molq.records.input.source import Source, promised
from molq.records.reader import open_library
from molq.records.rows import SourceRows, stacked
from molq.records.trailing import trailing_note, trailing_rows
from molq.server.pool.questions import Read, ReadRows


def rows_in_file(question: Read) -> ReadRows:
    """The first rows of a file. Raises InputError when it cannot be read as molecules."""
    source = Source(question.name, promised(question.name), question.format, question.content)
    reader = open_library(source, Wanted(question.smiles_column, question.id_column), are_smiles)
    parts: list[SourceRows] = []
    n_rows = 0
    for part in molecule_rows(reader):
        parts.append(part)
        n_rows += len(part.molecules)
        if n_rows > question.most_rows:
            break
    is_cut = n_rows > question.most_rows
    total = max(reader.total_rows(n_rows) or n_rows, n_rows)
    reader.close()
    has_id = any(layout.has_id for layout in reader.layouts)
    if not parts:
        return ReadRows((), () if has_id else None, {}, 0, False, tuple(reader.notes))
    rows = stacked(parts)
    n_kept = min(n_rows, question.most_rows)
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
