"""Which format an output has."""

from __future__ import annotations

from pathlib import Path

from molq.errors import InputError
from molq.screening.output.best_rows import BestRowsFile
from molq.screening.output.csv_file import CsvFile
from molq.screening.output.parquet_file import ParquetFile
from molq.screening.output.standard_output import StandardOutput
from molq.screening.output.table import OutputTable
from molq.screening.output.top_files import TopFiles

AnyFormat = CsvFile | ParquetFile | TopFiles | BestRowsFile | StandardOutput
"""as they come back from a message; told apart by their tags"""
SUFFIXES = (".csv", ".csv.gz", ".parquet")


def format_of(path: Path | None, table: OutputTable) -> AnyFormat:
    """The format of scores, by the name of the file (None for standard output) and the rows that are wanted.

    Raises InputError when the name ends otherwise.
    """
    if path is None:
        return StandardOutput(table)
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(f"{path}: the output must end in one of {' '.join(SUFFIXES)}")
    if table.selection.top is not None:
        return TopFiles(str(path), table)
    return ParquetFile(str(path), table) if path.suffix.lower() == ".parquet" else CsvFile(str(path), table)


def format_of_shard(path: Path, table: OutputTable) -> ParquetFile | BestRowsFile:
    """The format of one shard: a table that holds all that any output of the whole needs."""
    return ParquetFile(str(path), table) if table.selection.top is None else BestRowsFile(str(path), table)
