"""What a job wrote, in other forms, and the best of it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from molq.errors import InputError, OutputError
from molq.files import output_error, whole_file
from molq.server.workbook import MOST_ROWS, workbook

_BLOCK_BYTES = 4 << 20


class BestOfJob(NamedTuple):
    """A row of the result."""

    row: int
    smiles: str
    identifier: str | None
    scores: dict[str, float]


def batches_of(result: Path, scores: Sequence[str]) -> Iterator[Any]:
    """The rows as Arrow batches, at least one: ``scores`` as float32, everything else as text."""
    import pyarrow as pa
    from pyarrow import csv

    names = header_of(result)
    types = {name: pa.float32() if name in scores else pa.string() for name in names}
    if "row" in types:
        types["row"] = pa.int64()
    with csv.open_csv(
        result,
        read_options=csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=False, null_values=[""]),
    ) as reader:
        is_empty = True
        for batch in reader:
            is_empty = False
            yield batch
        if is_empty:
            yield pa.RecordBatch.from_pylist([], schema=reader.schema)


def header_of(result: Path) -> list[str]:
    """The names of its columns."""
    import csv

    with result.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def as_parquet(result: Path, place: Path, scores: Sequence[str]) -> None:
    """Write the same as Parquet, whole or not at all."""
    import pyarrow.parquet as pq

    try:
        with whole_file(place) as file:
            batches = batches_of(result, scores)
            first = next(batches)
            with pq.ParquetWriter(file, first.schema) as writer:
                for batch in itertools.chain([first], batches):
                    writer.write_batch(batch)
    except OSError as error:
        raise output_error(place, error, "free disk space") from error


def first_smiles(result: Path, scores: Sequence[str], n: int) -> list[str]:
    """Of its first n rows."""
    cells = (cell for batch in batches_of(result, scores) for cell in batch.column("smiles").to_pylist())
    return list(itertools.islice(cells, n))


def refuse_beyond_a_sheet(result: Path, scores: Sequence[str]) -> int:
    """The number of its rows. Raises InputError for more of them than a sheet of Excel holds."""
    n_rows = sum(batch.num_rows for batch in batches_of(result, scores))
    if n_rows > MOST_ROWS:
        raise InputError(
            f"{n_rows:,} rows; a sheet of Excel holds {MOST_ROWS:,}. Take csv or parquet, or screen with `top`"
        )
    return n_rows


def as_workbook(result: Path, place: Path, scores: Sequence[str], images: Sequence[bytes | None] = ()) -> None:
    """Write the same for Excel, images beside its first rows. Raises InputError for more rows than a sheet holds."""
    is_drawn = len(images) >= refuse_beyond_a_sheet(result, scores)
    heading = "structure" if is_drawn else f"first {len(images):,} drawn"
    part = place.with_name(f".{place.name}.part")
    try:
        workbook(batches_of(result, scores), part, images=images, images_heading=heading)
        part.replace(place)
    except OSError as error:
        raise OutputError(f"{place} cannot be written ({error.strerror or error}); free disk space") from error
    finally:
        part.unlink(missing_ok=True)


def best_of(result: Path, scores: Sequence[str], column: str, n: int, *, lowest: bool) -> list[BestOfJob]:
    """The n best rows by a column, best first; of equals the first."""
    sign = -1.0 if lowest else 1.0
    best: list[tuple[float, int, BestOfJob]] = []
    row = 0
    for batch in batches_of(result, scores):
        cells = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        for i, value in enumerate(cells[column]):
            if value is not None:
                key = (sign * value, -(row + i))
                if len(best) < n or key > best[0][:2]:
                    found = BestOfJob(
                        cells["row"][i] if "row" in cells else row + i,
                        cells["smiles"][i],
                        cells["id"][i] or None if "id" in cells else None,
                        {name: _shortest(cells[name][i]) for name in scores if cells[name][i] is not None},
                    )
                    (heapq.heappush if len(best) < n else heapq.heappushpop)(best, (*key, found))
        row += batch.num_rows
    return [found for *_, found in sorted(best, key=lambda one: one[:2], reverse=True)]


def _shortest(value: float) -> float:
    """The float of the shortest decimals of a float32."""
    import numpy as np

    return float(str(np.float32(value)))
