"""Rows of a compound library, read one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Record(NamedTuple):
    """One row of a library. ``fields`` holds every column of the row, the SMILES column too."""

    row: int
    id: str | None
    smiles: str
    fields: dict[str, str]


class Rejected(NamedTuple):
    """One row that cannot be scored, and why, in a chemist's words."""

    row: int
    smiles: str
    reason: str


def read_records(
    source: str | Path, *, smiles_column: str | None = None, id_column: str | None = None
) -> Iterator[Record | Rejected]:
    """Rows of a .csv, .tsv or .smi file (or .gz of them) in order; first working form."""
    import csv
    import gzip

    path = Path(source)
    opener = gzip.open if path.suffix == ".gz" else open
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
        if kind == ".smi":
            for row, line in enumerate(s for s in stream if s.strip()):
                smiles, _, name = line.strip().partition(" ")
                yield Record(row, name or None, smiles, {"smiles": smiles})
            return
        reader = csv.DictReader(stream, delimiter="\t" if kind == ".tsv" else ",")
        columns = list(reader.fieldnames or [])
        column = smiles_column or next(c for c in columns if c.lower() in ("smiles", "mol", "canonical_smiles"))
        for row, fields in enumerate(reader):
            yield Record(row, fields[id_column] if id_column else None, fields[column], fields)
