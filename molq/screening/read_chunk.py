"""A chunk understood: raw records to rows."""

from __future__ import annotations

from molq.chem.molblocks import spelled
from molq.records.chunk import Chunk
from molq.records.layout import Layout
from molq.records.understand import understand
from molq.screening.rows import Rows


def read_chunk(chunk: Chunk, layout: Layout) -> Rows:
    """The ``chunk.n_rows`` rows of a chunk; a record that cannot be trusted is a rejected row, alone."""
    rows = spelled(understand(chunk, layout))
    return Rows(rows.molecules, rows.ids, rows.columns, rows.rejected)
