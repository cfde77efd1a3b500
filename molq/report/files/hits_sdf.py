"""Hits as an SD file, which DataWarrior, MOE and Maestro open with scores beside structures."""

from __future__ import annotations

from molq.chem.pictures.sdf import field_names, sdf_record
from molq.report.text.hit_columns import hit_columns
from molq.results.hits import Hits


def hits_sdf(hits: Hits) -> bytes:
    """UTF-8 text: of every hit its structure in two dimensions, its id in the title line, and all else as data fields.

    A field that a hit has not got is left out of its record. A hit without an id is called by its rank.
    """
    columns = hit_columns(hits)
    names = field_names([column.name for column in columns])
    cells = [column.cells for column in columns]
    records = [
        sdf_record(
            hit.smiles,
            hit.identifier or f"rank {hit.rank}",
            {name: str(of[i]) for name, of in zip(names, cells, strict=True) if of[i] not in (None, "")},
        )
        for i, hit in enumerate(hits.hits)
    ]
    return "".join(records).encode("utf-8", "backslashreplace")
