"""The calibration set that something was quantized with."""

from __future__ import annotations

from molq.results.shown import Result


class CalibrationRecord(Result, frozen=True):
    """How a calibration set was chosen, what it covers, and how ranges were taken from it."""

    strategy: str
    size: int
    seed: int
    sha256: str
    """of its SMILES"""
    molecules_used: int
    observer: str
    coverage: dict[str, float]
    """shares of library molecules, and counts"""


class CalibrationSection(CalibrationRecord, frozen=True):
    """The calibration set of a study."""

    pool: str
    """what it was chosen from, in words"""
    pool_molecules: int
    library: str
    """what it shall represent"""
    rejected: int
    """of the set, by the featurizer"""
