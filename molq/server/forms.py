"""Answers as JSON, CSV and Arrow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.columns import Column, Columns
from molq.records.cells import cells_of
from molq.screening.output.csv_text import csv_line, csv_rows
from molq.screening.output.parquet_file import ParquetFile
from molq.screening.output.table import OutputTable
from molq.screening.rows import Rows
from molq.screening.scored import ScoredRows
from molq.serial import to_json
from molq.server.molecules import Answers, ModelAnswer
from molq.server.workbook import workbook

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
SDF = "chemical/x-mdl-sdfile"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_json(answers: Answers) -> bytes:
    """``{"models", "columns", "notes", "rows"}``; a number has the shortest decimals that give the same float32."""
    models, molecules = answers.models, answers.molecules
    rows: list[dict[str, Any]] = []
    texts = {name: _numbers(found.scores) for name, found in models.items()}
    ranks = {name: _rounded(f.percentiles) for name, f in models.items() if f.percentiles is not None}
    for row, smiles in enumerate(molecules.smiles):
        made: dict[str, Any] = {
            "row": row,
            "smiles": smiles,
            "identifier": molecules.identifiers[row] if molecules.identifiers else None,
            "error": next((found.reasons[row] for found in models.values() if row in found.reasons), None),
            "scores": _by_model(models, texts, row),
        }
        if ranks:
            made["percentile"] = _by_model(models, ranks, row)
        if any(found.beliefs is not None for found in models.values()):
            made["belief"] = {name: f.beliefs[row] for name, f in models.items() if f.beliefs and row not in f.reasons}
        if any(found.contributions is not None for found in models.values()):
            made["contributions"] = {
                name: f.contributions[row] for name, f in models.items() if f.contributions and row not in f.reasons
            }
        if answers.pictures is not None:
            made["picture"] = answers.pictures[row]
        rows.append(made)
    columns = {name: [column.name for column in found.columns] for name, found in models.items()}
    return to_json({"models": list(models), "columns": columns, "notes": molecules.notes, "rows": rows})


def as_csv(answers: Answers) -> bytes:
    """Of one model the bytes that a screen writes; of several those of a screen with all of them."""
    table, columns, rows, scored = _table(answers)
    header = csv_line(table.names(columns))
    return header + (csv_rows(table, rows, scored, 0) if len(rows.smiles) else b"")


def as_arrow(answers: Answers) -> bytes:
    """The same table as an Arrow stream; scores are float32, null where the row is rejected."""
    import pyarrow as pa

    table, columns, rows, scored = _table(answers)
    batch = pa.ipc.open_stream(ParquetFile("", table).body(rows, scored, 0, ())).read_all()
    sink = pa.BufferOutputStream()
    schema = table.schema(columns)
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(batch.rename_columns(schema.names).cast(schema))
    return bytes(sink.getvalue())


def as_columns(answers: Answers) -> dict[str, list[str]]:
    """The same table as text, "" where there is nothing."""
    import pyarrow as pa

    table = pa.ipc.open_stream(as_arrow(answers)).read_all()
    return {
        name: [text or "" for text in cells_of_column(column)]
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def cells_of_column(column: Any) -> list[str | None]:
    """An Arrow column as text."""
    import pyarrow as pa

    return list(column.cast(pa.string()).to_pylist())


def as_xlsx(answers: Answers, images: Sequence[bytes | None] = ()) -> bytes:
    """The same table as an Excel workbook, with an image beside each row where there is one; text stays text."""
    import pyarrow as pa

    return workbook(pa.ipc.open_stream(as_arrow(answers)).read_all().to_batches(), images=images)


def _table(answers: Answers) -> tuple[OutputTable, Columns, Rows, ScoredRows]:
    """The columns of all models side by side; those of several with the same name are called MODEL NAME."""
    molecules = answers.molecules
    n_rows = len(molecules.smiles)
    columns = _distinct_columns(answers.models)
    rejected = {row: why for found in reversed(list(answers.models.values())) for row, why in found.reasons.items()}
    kept = np.setdiff1d(np.arange(n_rows), np.fromiter(rejected, np.int64, len(rejected)))
    parts = [found.scores for found in answers.models.values()]
    parts += [
        found.percentiles.astype(np.float32) for found in answers.models.values() if found.percentiles is not None
    ]
    scores = np.concatenate(parts, axis=1)[kept]
    identifiers = molecules.identifiers
    ids = [identifier or "" for identifier in identifiers] if identifiers is not None else [""] * n_rows
    rows = Rows(cells_of(molecules.smiles), cells_of(ids), [], dict(molecules.rejected))
    table = OutputTable(has_id=identifiers is not None)
    return table, columns, rows, ScoredRows(kept, np.ascontiguousarray(scores), rejected, columns)


def _distinct_columns(models: dict[str, ModelAnswer]) -> Columns:
    names = [column.name for found in models.values() for column in found.columns]
    is_plain = len(set(names)) == len(names)
    plain = [
        msgspec.structs.replace(column, name=column.name if is_plain else f"{model} {column.name}")
        for model, found in models.items()
        for column in found.columns
    ]
    n_ranked = sum(len(found.columns) for found in models.values() if found.percentiles is not None)
    ranks = [Column(f"{column.name}_percentile", column.task, "uncertainty") for column in plain[:n_ranked]]
    return (*plain, *ranks)


def _by_model(
    models: dict[str, ModelAnswer], numbers: dict[str, list[list[float]]], row: int
) -> dict[str, dict[str, float]]:
    return {
        name: dict(zip((column.name for column in found.columns), numbers[name][row], strict=True))
        for name, found in models.items()
        if row not in found.reasons
    }


def _numbers(scores: NDArray[np.float32]) -> list[list[float]]:
    """[n][C] as Python's floats of the shortest decimals."""
    import pyarrow as pa

    flat = map(float, pa.array(scores.ravel()).cast(pa.string()).to_pylist())
    return [list(itertools.islice(flat, scores.shape[1])) for _ in range(len(scores))]


def _rounded(percentiles: NDArray[np.float64]) -> list[list[float]]:
    """Two decimals; 100 is all of the library, and not almost all."""
    return [
        [round(value, 2) if value == 100 else min(round(value, 2), 99.99) for value in row]
        for row in percentiles.tolist()
    ]
