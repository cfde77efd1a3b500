"""What a calibration set is, and its CSV file."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molq.chem.table import column_names, read_table
from molq.errors import InputError, MolqWarning
from molq.files import write_whole
from molq.limits import MAX_SEED, require_within
from molq.outputs import refuse_output
from molq.records.csv_lines import csv_line

GIVEN = "given"
"""Strategy of a set that molq did not choose, or whose file was edited afterwards."""

_COVERAGE_PREFIX = "coverage_"
_MOST_ROWS = 1 << 62
_OWN = ("row", "strategy", "seed", "sha256")


@dataclass(frozen=True)
class CalibrationSpec:
    """How to choose a calibration set: the strategy's name, the number of molecules and the seed.

    Raises InputError for a size or a seed out of bounds.
    """

    strategy: str
    size: int
    seed: int = 0

    def __post_init__(self) -> None:
        require_within(size=self.size, seed=self.seed)


@dataclass(frozen=True)
class ChosenSet:
    """Molecules that were chosen to stand for a library while a model is calibrated, and how."""

    smiles: list[str]
    rows: NDArray[np.int64]
    """[n] row of each molecule in the pool, from 0"""
    spec: CalibrationSpec
    coverage: dict[str, float] = field(default_factory=dict)
    """fractions of library molecules and counts, see ``molq.calibset.coverage``"""

    @property
    def sha256(self) -> str:
        """Digest of the SMILES in their order, one a line."""
        return smiles_sha256(self.smiles)


def smiles_sha256(smiles: Iterable[str]) -> str:
    """Digest of SMILES in their order, one a line: what a calibration set is told by."""
    return hashlib.sha256("\n".join(smiles).encode()).hexdigest()


def write_calibset(path: str | Path, calibset: ChosenSet, *, force: bool = False) -> None:
    """Write a plain CSV: ``smiles,row``, then the same strategy, seed, digest and coverage on every row.

    Raises OutputError when the file exists and ``force`` is off, or when it cannot be written.
    """
    path = Path(path)
    refuse_output(path, force=force)
    constants = {"strategy": calibset.spec.strategy, "seed": calibset.spec.seed, "sha256": calibset.sha256}
    constants |= {_COVERAGE_PREFIX + name: repr(float(value)) for name, value in calibset.coverage.items()}
    lines = [csv_line(("smiles", "row", *constants))]
    for smiles, row in zip(calibset.smiles, calibset.rows, strict=True):
        lines.append(csv_line((smiles, int(row), *constants.values())))
    write_whole(path, "".join(lines), force=force)


def read_calibset(path: str | Path, *, smiles_column: str | None = None, format: str | None = None) -> ChosenSet:
    """A calibration set from any file of molecules: of its column ``smiles_column``, where it has one.

    A file that ``write_calibset`` wrote comes back whole. Any other, or one that was edited since in its molecules or
    in a way that cannot be read, comes back with the strategy "given", seed 0 and no coverage. Warns (MolqWarning) of
    how it was read. Raises InputError for a file without molecules.
    """
    smiles_column = smiles_column if _has_column(path, smiles_column, format) else None
    own = [
        name for name in column_names(path, smiles_column, format) if name in _OWN or name.startswith(_COVERAGE_PREFIX)
    ]
    table = read_table(path, smiles_column=smiles_column, columns=own, format=format)
    if table.rejected:
        refused = table.rejected[0]
        raise InputError(f"{path}, row {refused.row}: {refused.reason}; remove the row from the calibration set")
    for note in table.notes:
        warnings.warn(note, MolqWarning, stacklevel=2)
    if not table.smiles:
        raise InputError(f"{path} holds no molecules; build a set with `molq calibset build`")
    stated = table.columns.get("row", [""] * len(table.smiles))
    rows = [int(text) if _is_whole(text, _MOST_ROWS) else row for row, text in enumerate(stated)]
    given = ChosenSet(table.smiles, np.array(rows, np.int64), CalibrationSpec(GIVEN, len(table.smiles)))
    fields = {name: cells[0] for name, cells in table.columns.items()}
    return (_as_made(given, fields) if fields.get("sha256") == given.sha256 else None) or given


def _has_column(path: str | Path, name: str | None, format: str | None) -> bool:
    try:
        return name is not None and bool(column_names(path, name, format))
    except InputError:
        return False


def _as_made(given: ChosenSet, fields: dict[str, str]) -> ChosenSet | None:
    """The set with its spec and coverage, None when these cannot be read."""
    strategy, seed = fields.get("strategy"), fields.get("seed", "")
    coverage = {
        name.removeprefix(_COVERAGE_PREFIX): _number(text)
        for name, text in fields.items()
        if name.startswith(_COVERAGE_PREFIX)
    }
    if not strategy or not _is_whole(seed, MAX_SEED) or not all(math.isfinite(value) for value in coverage.values()):
        return None
    return ChosenSet(given.smiles, given.rows, CalibrationSpec(strategy, len(given.smiles), int(seed)), coverage)


def _number(text: str) -> float:
    """nan when it is none"""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _is_whole(text: str, most: int) -> bool:
    return text.isdecimal() and len(text) <= len(str(most)) and int(text) <= most
