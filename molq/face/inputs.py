"""Data as callers have it: the path of a file, the name of a data set, a DataFrame, or molecules one by one."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import narwhals as nw
from narwhals.typing import IntoDataFrame, IntoSeries

from molq.chem.table import read_table, sample_table
from molq.data.locate import find_copy, is_registered, library_path
from molq.data.registry import dataset_info
from molq.errors import MolqError, MolqWarning
from molq.face.bundled import is_bundled, model_path
from molq.face.molecules import is_missing
from molq.face.question import read_question
from molq.files import output_error
from molq.progress import SILENT, Progress
from molq.records.csv_lines import csv_line
from molq.records.trailing import trailing_note, trailing_rows
from molq.urls import seen, url_of

Data = str | Path | IntoDataFrame
"""labelled or unlabelled molecules: a path, the name of a data set, or a pandas or polars DataFrame"""
Molecules = str | Path | IntoDataFrame | IntoSeries | Sequence[str]
"""molecules without labels: what Data is, a Series, or a list of SMILES"""
FRAME = "DataFrame"
"""what a DataFrame is called on cards and in messages"""


@contextmanager
def on_disk(data: Data, tasks: Sequence[str] = ()) -> Iterator[str]:
    """The path or the name itself; for a DataFrame the path of a table that lives as long as the block.

    The table holds the columns of text and those of ``tasks``, so columns of numbers that are added to a DataFrame do
    not make it another data set. Messages of errors that pass call the table DataFrame.
    """
    if isinstance(data, str | Path):
        yield str(data)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{FRAME}.csv"
        _write(path, nw.from_native(data, eager_only=True), tasks)
        try:
            yield str(path)
        except MolqError as error:
            error.args = (str(error).replace(str(path), FRAME),)
            raise


def input_files(*sources: object) -> list[Path]:
    """The files that paths and names of data sets and models stand for; ``-`` is standard input.

    Nothing is fetched: what is not on this machine has no file yet, and neither have values in memory.
    """
    found = []
    for source in sources:
        if not isinstance(source, str | Path):
            continue
        path: Path | None = Path(source)
        if is_registered(str(source)):
            path = find_copy(dataset_info(str(source)))
        elif is_bundled(source):
            path = model_path(source)
        found += [] if path is None else [path]
    return found


def smiles_of(
    molecules: Molecules,
    smiles_column: str | None = None,
    format: str | None = None,
    progress: Progress = SILENT,
) -> list[str]:
    """One SMILES per row; empty where a row cannot be read, is missing, or is no text.

    Warns (MolqWarning) of how a file was read where that is in doubt, and of rows that cannot be read. Raises
    InputError as ``predict`` does.
    """
    if isinstance(molecules, str | Path):
        return _of_file(molecules, smiles_column, format, progress)
    if is_frame(molecules):
        with on_disk(cast(IntoDataFrame, molecules)) as path:
            return _of_file(path, smiles_column, format, progress)
    smiles = texts_of(molecules)
    warn_of(trailing_note(len(trailing_rows(smiles))))
    return smiles


def library_smiles_of(
    library: Molecules,
    seed: int = 0,
    smiles_column: str | None = None,
    format: str | None = None,
    progress: Progress = SILENT,
) -> list[str]:
    """The same of what molecules shall represent; a very large file is represented by rows drawn at random.

    Warns (MolqWarning) of that too.
    """
    if isinstance(library, str | Path) and not is_registered(str(library)):
        path = library_path(library, progress)
        table = sample_table(path, seed, smiles_column=smiles_column, format=format)
        if table is not None:
            warn_of(table.notes)
            return table.smiles
    return smiles_of(library, smiles_column, format, progress)


def texts_of(molecules: object) -> list[str]:
    """The SMILES of a list, an array or a Series; "" for what is no text. Raises InputError as ``predict`` does."""
    return [value.strip() if isinstance(value, str) else "" for value in read_question(molecules).values]


def name_of(molecules: Molecules) -> str:
    """What the molecules are called in tables and in commands."""
    return seen(url_of(molecules)) if isinstance(molecules, str | Path) else "LIBRARY"


def is_frame(data: object) -> bool:
    """Whether ``data`` is a DataFrame of a library that narwhals reads."""
    return isinstance(nw.from_native(data, pass_through=True, allow_series=True), nw.DataFrame)


def warn_of(notes: Iterable[str]) -> None:
    """Warns (MolqWarning) of every note, as of the call that a user made."""
    for note in notes:
        warnings.warn(note, MolqWarning, stacklevel=3)


def _of_file(source: str | Path, smiles_column: str | None, format: str | None, progress: Progress) -> list[str]:
    path = library_path(source, progress)
    if is_registered(str(source)):
        smiles_column = dataset_info(str(source)).smiles_column
    table = read_table(path, smiles_column=smiles_column, format=format)
    warn_of(table.notes)
    if table.rejected:
        first, n_more = table.rejected[0], len(table.rejected) - 1
        more = f", and {n_more:,} more of its rows cannot be read" if n_more else ""
        warn_of([f"{source}, row {first.row}: {first.reason}{more}"])
    return table.smiles


def _write(path: Path, frame: nw.DataFrame[Any], tasks: Sequence[str]) -> None:
    kept = [name for name in frame.columns if name in tasks or _is_text(frame[name])]
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(csv_line(kept))
            file.writelines(csv_line(map(_cell, row)) for row in frame.select(kept).iter_rows())
    except OSError as error:
        raise output_error(path, error, "free space there, or set TMPDIR to a folder that has some") from error


def _is_text(column: nw.Series[Any]) -> bool:
    """Whether it is a column of text, missing values aside; not one of numbers, dates or other objects."""
    if column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == nw.Boolean:
        return False
    return all(isinstance(value, str) or is_missing(value) for value in column.to_list())


def _cell(value: object) -> object:
    """Empty where it is missing; labels that are True and False become 1 and 0."""
    return "" if is_missing(value) else int(value) if isinstance(value, bool) else value
