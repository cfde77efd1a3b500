"""Calibration sets named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from molq.calibset.spec import ChosenSet

_N_NOTED = 5


def calibration_set(path: Path | None, smiles_column: str | None) -> ChosenSet | None:
    """The set of a file, of its column ``smiles_column`` if it has one; what cannot be read is noted on stderr."""
    from molq.calibset.spec import read_calibset
    from molq.workflows.precision.calibration import calibration_molecules

    if path is None:
        return None
    calibset = read_calibset(path, smiles_column=smiles_column)
    rejected = calibration_molecules(calibset).rejected
    for refused in rejected[:_N_NOTED]:
        typer.echo(f"note: {path}, row {refused.row}: {refused.smiles} is left out, {refused.reason}", err=True)
    if len(rejected) > _N_NOTED:
        typer.echo(f"note: and {len(rejected) - _N_NOTED} more rows of {path}", err=True)
    return calibset
