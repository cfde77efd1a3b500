"""Scored rows as CSV text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows


def csv_rows(table: OutputTable, rows: Rows, scored: ScoredRows, first_row: int) -> bytes:
    """Lines of the table; scores are the shortest decimals that give the same float32 back."""
    texts = [_quoted_column(column) for column in table.texts(rows)]
    if table.selection.threshold is not None:
        at = table.selection.reached(scored.scores)
        index, scores = scored.kept[at], _score_texts(scored.scores[at])
        lines = zip(*([column[i] for i in index.tolist()] for column in texts), scores, strict=True)
        return _joined(zip((str(first_row + i) for i in index.tolist()), map(",".join, lines), strict=True))
    scores = _score_texts(scored.scores)
    if not scored.rejected:
        return _joined(zip(*texts, (score + "," for score in scores), strict=True))
    blank = "," * scored.scores.shape[1]
    cells = [""] * len(rows.smiles)
    for row, score in zip(scored.kept.tolist(), scores, strict=True):
        cells[row] = score + ","
    for row, reason in scored.rejected.items():
        cells[row] = blank + _quoted(reason)
    return _joined(zip(*texts, cells, strict=True))


def csv_line(cells: Sequence[str]) -> bytes:
    """One line, such as the header."""
    return (",".join(_quoted(cell) for cell in cells) + "\n").encode("utf-8", "backslashreplace")


def _score_texts(scores: NDArray[np.float32]) -> list[str]:
    """The T scores of each row, joined by commas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n_rows, n_tasks = scores.shape
    texts = pa.array(scores.ravel()).cast(pa.string())
    if n_tasks == 1:
        return texts.to_pylist()
    offsets = np.arange(0, n_rows * n_tasks + 1, n_tasks, dtype=np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ",").to_pylist()


def _joined(lines: Iterable[Iterable[str]]) -> bytes:
    text = "\n".join(map(",".join, lines))
    return (text + "\n").encode("utf-8", "backslashreplace") if text else b""


def _quoted_column(column: list[str]) -> list[str]:
    return [_quoted(text) for text in column] if _is_special("\t".join(column)) else column


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _is_special(text) else text


def _is_special(text: str) -> bool:
    return "," in text or '"' in text or "\n" in text or "\r" in text
