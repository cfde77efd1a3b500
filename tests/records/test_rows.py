from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from molq.records.cells import cells_of
from molq.records.rows import SMILES, SourceRows, stacked

TEXT = st.text(max_size=4)
ROW = st.tuples(TEXT, TEXT, TEXT, st.none() | st.sampled_from(["empty", "no molecule"]))


def rows_of(rows: list[tuple[str, str, str, str | None]]) -> SourceRows:
    molecules, ids, extra, reasons = zip(*rows, strict=True) if rows else ((), (), (), ())
    rejected = {i: reason for i, reason in enumerate(reasons) if reason}
    return SourceRows(cells_of(list(molecules)), SMILES, cells_of(list(ids)), (cells_of(list(extra)),), rejected)


@given(st.lists(ROW, max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_parts_laid_together_are_the_whole(rows: list[tuple[str, str, str, str | None]], cuts: list[int]) -> None:
    edges = np.clip(sorted([0, *cuts, len(rows)]), 0, len(rows))
    parts = [rows_of(rows[a:b]) for a, b in pairwise(edges)]
    assert stacked(parts) == rows_of(rows)
