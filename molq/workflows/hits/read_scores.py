"""The best rows of a file of scores of any kind and length: one pass, in memory that does not grow with it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from molq.chem.judge import are_smiles
from molq.chem.table import molecule_rows
from molq.errors import InputError
from molq.files import output_error
from molq.progress import Progress
from molq.records.cells import Cells
from molq.records.choice import NoSmilesError, Wanted
from molq.records.input.source import Source, find_sources
from molq.records.input.stream import ByteStream
from molq.records.names import has_name, named_position
from molq.records.reader import LibraryReader, open_library
from molq.records.rows import SourceRows, stacked
from molq.records.trailing import trailing_note, trailing_rows
from molq.workflows.hits.best import Best
from molq.workflows.hits.numbers import has_decimal_commas, is_missing, number_of, numbers_of
from molq.workflows.hits.score_columns import REJECTED, ScoreColumns, is_numeric, score_columns

_MOST_REASONS = 1000
_OTHER = "other reasons"
_COPY_BYTES = 1 << 20
_MOST_HELD = 64
"""parts of a file that are looked at for numbers before any of it is read"""
_MOST_PASSED = 8
"""in which a column may be empty before it is taken to be so to the end"""


class ScoredRow(NamedTuple):
    """A row with its score."""

    row: int
    smiles: str
    identifier: str | None
    score: float
    numbers: dict[str, float]
    """the columns of numbers that it fills"""
    cells: dict[str, str]
    """of the other columns"""


@dataclass(frozen=True)
class BestScores:
    """The best rows of a file, and what it held besides."""

    columns: ScoreColumns
    rows: list[ScoredRow]
    """best first; the first has rank 1, and so on"""
    n_scored: int
    n_tied_out: int
    """rows left out that score as the last of ``rows`` does"""
    unscored: dict[str, int]
    """reason → rows, most frequent first"""
    notes: list[str]


@dataclass(frozen=True)
class Reading:
    """How a file of scores is read."""

    task: str | None = None
    smiles_column: str | None = None
    id_column: str | None = None
    format: str | None = None
    predictions: frozenset[str] = frozenset()
    """names that a model gives its scores, where one is known"""


def best_scores(
    scores: str | Path | Sequence[str | Path], top: int, lowest: bool, reading: Reading, progress: Progress
) -> BestScores:
    """The ``top`` best rows by a column of scores.

    Raises InputError as ``open_library`` does, for a file without SMILES or without scores, and where it is not clear
    which column ranks.
    """
    with _kept(scores, reading.format) as library:
        names, reading = _other_columns(library, reading)
        wanted = Wanted(reading.smiles_column, reading.id_column, tuple(names))
        reader = open_library(library, wanted, are_smiles, reading.format)
        return _best(reader, names, top, lowest, reading, progress)


def _best(
    reader: LibraryReader, names: list[str], top: int, lowest: bool, reading: Reading, progress: Progress
) -> BestScores:
    source = reader.sources[0].name if len(reader.sources) == 1 else f"{len(reader.sources)} files"
    has_id = any(layout.has_id for layout in reader.layouts)
    best = Best[ScoredRow](top, lowest)
    reasons: Counter[str] = Counter()
    n_rows = n_trailing = 0
    columns, parts = _understood(molecule_rows(reader), names, reading, source)
    for part in parts:
        cells = dict(zip(names, part.columns, strict=True))
        found = numbers_of(cells[columns.task], columns.commas)
        said = cells[REJECTED].texts() if REJECTED in cells else None
        refused = found.reasons if said is None else {row: said[row] or why for row, why in found.reasons.items()}
        refused = refused | part.rejected
        found.values[list(refused)] = float("nan")
        _count(reasons, refused)
        best.offer(found.values, _RowMaker(part, cells, columns, n_rows, has_id))
        n_rows += len(part.molecules)
        n_trailing += sum(row not in refused for row in trailing_rows(part.molecules).tolist())
        progress.step(n_rows, reader.total_rows(n_rows))
    notes = [*reader.notes, *trailing_note(n_trailing)]
    if not best.n_rows:
        why = f"; most often: {reasons.most_common(1)[0][0]}" if reasons else ""
        raise InputError(f"{source}: none of its {n_rows:,} rows has a score in column {columns.task!r}{why}")
    return BestScores(columns, best.rows(), best.n_rows, best.n_tied_out, dict(reasons.most_common()), notes)


@dataclass(frozen=True)
class _RowMaker:
    """Makes the rows of a part that are kept."""

    part: SourceRows
    cells: dict[str, Cells]
    columns: ScoreColumns
    n_before: int
    has_id: bool

    def __call__(self, place: int) -> ScoredRow:
        numbers = {name: number_of(self.cells[name][place], self.columns.commas) for name in self.columns.numbers}
        filled = {name: number for name, number in numbers.items() if number is not None}
        return ScoredRow(
            self.n_before + place,
            self.part.molecules[place],
            (self.part.ids[place] or None) if self.has_id else None,
            filled[self.columns.task],
            filled,
            {name: self.cells[name][place] for name in self.columns.texts},
        )


def _understood(
    parts: Iterator[SourceRows], names: list[str], reading: Reading, source: str
) -> tuple[ScoreColumns, Iterator[SourceRows]]:
    """What the columns are, by the first rows of which some hold numbers, and all rows.

    Where no task is told, no column that is still empty is passed over: it may be the one that ranks.
    """
    held: list[SourceRows] = []
    has_numbers, empty = False, set(names) - {REJECTED}
    for part in parts:
        held.append(part)
        columns = dict(zip(names, part.columns, strict=True))
        commas = has_decimal_commas(part.columns)
        has_numbers |= any(name != REJECTED and is_numeric(cells, commas) for name, cells in columns.items())
        empty = {name for name in empty if all(map(is_missing, columns[name].texts()))}
        is_sure = reading.task is not None or not empty or len(held) == _MOST_PASSED
        if len(held) == _MOST_HELD or (has_numbers and is_sure):
            break
    if not held:
        raise InputError(f"{source}: it has no rows, and so no scores")
    columns_found = score_columns(names, stacked(held).columns, reading.task, reading.predictions, source)
    return columns_found, chain(held, parts)


def _count(reasons: Counter[str], refused: dict[int, str]) -> None:
    for reason in refused.values():
        reasons[reason if reason in reasons or len(reasons) < _MOST_REASONS else _OTHER] += 1


def _other_columns(library: str | Path | Sequence[str | Path], reading: Reading) -> tuple[list[str], Reading]:
    """Those besides SMILES and ids, of the first of several files, and the reading with the task by its name."""
    try:
        reader = open_library(library, Wanted(reading.smiles_column, reading.id_column), are_smiles, reading.format)
    except NoSmilesError as error:
        raise InputError(f"{error}. Hits are molecules: a table of scores alone does not tell which") from error
    layout = reader.layouts[0]
    reader.close()
    if layout.format == "sdf":
        own = {layout.smiles_name, layout.id_name}
        return [name for name in layout.names[2:] if name not in own], reading
    names = [name for at, name in enumerate(layout.names) if at not in (layout.smiles, layout.id)]
    task = reading.task
    if task is not None and task.strip().isdecimal() and not has_name(names, task):
        reading = replace(reading, task=layout.names[named_position(layout.names, task, layout.name, "task")])
    return names, reading


@contextmanager
def _kept(scores: str | Path | Sequence[str | Path], format: str | None) -> Iterator[str | Path | Sequence[str | Path]]:
    """The files, which are read twice; what can be read only once lies in a file as long as the block."""
    sources = find_sources(scores, format).sources
    if not sources[0].is_stream:
        yield scores
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores"
        try:
            _copy(sources[0], path)
        except OSError as error:
            raise output_error(path, error, "free space there, or set TMPDIR to a folder that has some") from error
        yield path


def _copy(source: Source, path: Path) -> None:
    stream = ByteStream(source)
    try:
        with path.open("wb") as file:
            while data := stream.read(_COPY_BYTES):
                file.write(data)
    finally:
        stream.close()
