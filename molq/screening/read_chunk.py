"""A chunk understood: raw records to rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from molq.chem.molblocks import smiles_of_block, spelled
from molq.errors import MolqError
from molq.records.cells import cells_of
from molq.records.chunk import Chunk
from molq.records.layout import Layout
from molq.records.rows import MOL_BLOCK, SMILES, SourceRows
from molq.records.understand import understand
from molq.screening.blocks import Block
from molq.screening.rows import Rows
from molq.shortage import in_a_line, is_shortage


def read_chunk(chunk: Chunk, layout: Layout) -> Rows:
    """The ``chunk.n_rows`` rows of a chunk; a record that cannot be trusted is a rejected row, alone."""
    return _rows(spelled(understand(chunk, layout)))


def read_in_blocks(
    chunk: Chunk,
    layout: Layout,
    skipped: Collection[int],
    blocks: Sequence[Block],
    announce: Callable[[Block | None], None] = lambda _block: None,
) -> Rows:
    """The same, mol blocks spelled block by block of rows, each ``announce``-d before; ``skipped`` rows are not.

    A row whose mol block raises is rejected. When every row raises, the last error is raised: the fault is not theirs.
    Neither is a shortage of the machine, which is raised.
    """
    source = understand(chunk, layout)
    if source.kind != MOL_BLOCK:
        return _rows(source)
    texts, rejected = source.molecules.texts(), dict(source.rejected)
    smiles = [""] * len(texts)
    failures: list[Exception] = []
    for start, stop in blocks:
        announce((start, stop))
        for row in range(start, stop):
            if row in skipped:
                continue
            try:
                smiles[row], reason = smiles_of_block(texts[row])
            except MolqError:
                raise
            except Exception as error:
                if is_shortage(error):
                    raise
                failures.append(error)
                reason = f"failed with {in_a_line(error)}"
            if reason is not None:
                rejected.setdefault(row, reason)
    if len(failures) > 1 and len(failures) == len(texts) - len(skipped):
        raise failures[-1]
    return _rows(source._replace(molecules=cells_of(smiles), kind=SMILES, rejected=rejected))


def _rows(source: SourceRows) -> Rows:
    return Rows(source.molecules, source.ids, source.columns, source.rejected)
