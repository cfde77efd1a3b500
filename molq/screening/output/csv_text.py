"""Scored rows as CSV text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.records.cells import Cells, as_arrow, cells_of, cells_of_arrow
from molq.records.csv_lines import csv_line as text_line
from molq.records.csv_lines import quoted
from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows

_SPECIAL = (b",", b'"', b"\n", b"\r")


def csv_rows(table: OutputTable, rows: Rows, scored: ScoredRows, first_row: int) -> bytes:
    """Lines of the table; scores are the shortest decimals that give the same float32 back."""
    import pyarrow as pa

    texts = [_quoted_column(column) for column in table.texts(rows)]
    if table.selection.threshold is not None:
        at = table.selection.reached(scored.predictions)
        index = scored.kept[at]
        numbers = pa.array(index + first_row).cast(pa.string())
        return _joined([numbers, *(text.take(pa.array(index)) for text in texts), _score_texts(scored.scores[at])])
    scores, n_rows = _score_texts(scored.scores), len(rows.smiles)
    if not scored.rejected:
        return _joined([*texts, scores, pa.array([""] * n_rows, pa.string())])
    cells, reasons = ["," * (scored.scores.shape[1] - 1)] * n_rows, [""] * n_rows
    for row, score in zip(scored.kept.tolist(), scores.to_pylist(), strict=True):
        cells[row] = score
    for row, reason in scored.rejected.items():
        reasons[row] = quoted(reason)
    return _joined([*texts, as_arrow(cells), as_arrow(reasons)])


def csv_line(cells: Sequence[str]) -> bytes:
    """One line, such as the header."""
    return text_line(cells).encode("utf-8", "backslashreplace")


def _score_texts(scores: NDArray[np.float32]) -> Any:
    """The C scores of each row, joined by commas, as an Arrow array."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n_rows, n_columns = scores.shape
    texts = pa.array(scores.ravel()).cast(pa.string())
    if n_columns == 1:
        return texts
    offsets = np.arange(0, n_rows * n_columns + 1, n_columns, dtype=np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ",")


def _joined(columns: list[Any]) -> bytes:
    """Lines of the cells of Arrow string columns."""
    import pyarrow.compute as pc

    lines = pc.binary_join_element_wise(*columns[:-1], pc.binary_join_element_wise(columns[-1], "\n", ""), ",")
    return cells_of_arrow(lines).data


def _quoted_column(column: Sequence[str]) -> Any:
    """The cells as an Arrow array, in quotes where they need them."""
    cells = column if isinstance(column, Cells) else cells_of(column)
    if any(mark in cells.data for mark in _SPECIAL):
        return as_arrow([quoted(text) for text in cells])
    return cells.arrow()
