"""Rows of .smi libraries: a SMILES, white space, and perhaps a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from molq.records.columns import names_smiles
from molq.records.record import Record, Rejected
from molq.records.textfile import is_text


def read_smi(lines: Iterable[str]) -> Iterator[Record | Rejected]:
    """One item per line that is not blank; a first line that names a SMILES column is a header and left out."""
    row = 0
    for line in lines:
        parts = line.split(None, 1)
        if not parts or (row == 0 and names_smiles(parts[0])):
            continue
        smiles = parts[0]
        name = parts[1].rstrip() if len(parts) == 2 else ""
        if "\0" in line:
            yield Rejected(row, smiles, "the row holds a NUL byte")
        elif not (line.isascii() or is_text(line)):
            yield Rejected(row, smiles, "the row is not UTF-8 text")
        else:
            yield Record(row, name or None, smiles, {"smiles": smiles, "name": name})
        row += 1
