"""ScoredRows rows in the form in which the parent writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molq.records.arrow import arrow_bytes
from molq.screening.library.file import graph_arrays
from molq.screening.output.output_table import is_special, output_names, quoted
from molq.screening.rows import Rows
from molq.screening.score_rows import ScoredRows
from molq.screening.workers.job import Job, Selection


def csv_rows(job: Job, rows: Rows, evaluated: ScoredRows, first_row: int) -> bytes:
    """Rows as CSV text; scores are the shortest decimals that give the same float32 back."""
    texts = [_quoted_column(column) for column in _text_columns(job, rows)]
    if job.selection.threshold is not None:
        at = _above(evaluated.scores, job.selection)
        index, scores = evaluated.kept[at], _score_texts(evaluated.scores[at])
        lines = zip(*([column[i] for i in index.tolist()] for column in texts), scores, strict=True)
        return _joined(zip((str(first_row + i) for i in index.tolist()), map(",".join, lines), strict=True))
    scores = _score_texts(evaluated.scores)
    if not evaluated.rejected:
        return _joined(zip(*texts, (score + "," for score in scores), strict=True))
    blank = "," * evaluated.scores.shape[1]
    cells = [""] * len(rows.smiles)
    for row, score in zip(evaluated.kept.tolist(), scores, strict=True):
        cells[row] = score + ","
    for row, reason in evaluated.rejected.items():
        cells[row] = blank + quoted(reason)
    return _joined(zip(*texts, cells, strict=True))


def arrow_rows(job: Job, rows: Rows, evaluated: ScoredRows, first_row: int, tasks: Sequence[str]) -> bytes:
    """Rows as an Arrow stream; scores are float32, null where the row is rejected."""
    import pyarrow as pa

    n_rows, names = len(rows.smiles), output_names(job, tasks)
    texts = [pa.array(column, pa.string()) for column in _text_columns(job, rows)]
    if job.selection.threshold is not None:
        at = _above(evaluated.scores, job.selection)
        index = evaluated.kept[at]
        columns = [pa.array(index + first_row), *(text.take(pa.array(index)) for text in texts)]
        columns += [pa.array(np.ascontiguousarray(column)) for column in evaluated.scores[at].T]
        return arrow_bytes(pa.RecordBatch.from_arrays(columns, names))
    absent = np.ones(n_rows, bool)
    absent[evaluated.kept] = False
    scores = np.full((evaluated.scores.shape[1], n_rows), np.nan, np.float32)
    scores[:, evaluated.kept] = evaluated.scores.T
    reasons = [evaluated.rejected.get(row) for row in range(n_rows)]
    columns = [*texts, *(pa.array(column, mask=absent) for column in scores), pa.array(reasons, pa.string())]
    return arrow_bytes(pa.RecordBatch.from_arrays(columns, names))


def library_rows(job: Job, rows: Rows, evaluated: ScoredRows) -> bytes:
    """Rows of a prepared library as an Arrow stream."""
    import pyarrow as pa

    n_rows = len(rows.smiles)
    texts = [pa.array(column, pa.string()) for column in _library_columns(job, rows)]
    reasons = pa.array([evaluated.rejected.get(row) for row in range(n_rows)], pa.string())
    arrays = [*texts, reasons, *graph_arrays(evaluated.graphs, evaluated.kept, n_rows)]
    return arrow_bytes(pa.RecordBatch.from_arrays(arrays, [str(i) for i in range(len(arrays))]))


def best_rows(job: Job, rows: Rows, evaluated: ScoredRows, first_row: int, bounds: Sequence[float | None]) -> bytes:
    """For each task the rows that may be among the best, as JSON: [task][k] of (score, row, texts, scores).

    ``bounds`` are the worst scores still wanted; an equal score of a later row is not.
    """
    selection, scores = job.selection, evaluated.scores
    assert selection.top is not None
    sign = np.float32(-1 if selection.lowest else 1)
    texts = _text_columns(job, rows)
    passing = np.ones(len(scores), bool) if selection.threshold is None else _above(scores, selection)
    found: list[list[Any]] = []
    for task in range(scores.shape[1]):
        keys = sign * scores[:, task]
        bound = bounds[task]
        wanted = passing if bound is None else passing & (keys > sign * np.float32(bound))
        at = np.flatnonzero(wanted & ~np.isnan(keys))
        best = at[np.argsort(-keys[at], kind="stable")[: selection.top]]
        found.append(
            [
                (float(scores[i, task]), first_row + row, [column[row] for column in texts], scores[i].tolist())
                for i, row in zip(best.tolist(), evaluated.kept[best].tolist(), strict=True)
            ]
        )
    return json.dumps(found).encode()


def _text_columns(job: Job, rows: Rows) -> list[list[str]]:
    return [*([rows.smiles] if job.has_smiles else []), *([rows.ids] if job.has_id else []), *rows.columns]


def _library_columns(job: Job, rows: Rows) -> list[list[str]]:
    return [*([rows.ids] if job.has_id else []), *([rows.smiles] if job.has_smiles else []), *rows.columns]


def _above(scores: NDArray[np.float32], selection: Selection) -> NDArray[np.bool_]:
    """Which rows have a task that reaches the threshold."""
    threshold = np.float32(selection.threshold)
    reached = scores <= threshold if selection.lowest else scores >= threshold
    return np.asarray(reached.any(axis=1))


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


def _joined(rows: Any) -> bytes:
    text = "\n".join(map(",".join, rows))
    return (text + "\n").encode("utf-8", "backslashreplace") if text else b""


def _quoted_column(column: list[str]) -> list[str]:
    return [quoted(text) for text in column] if is_special("\t".join(column)) else column
