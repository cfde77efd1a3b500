"""Calibration sets named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from molq.workflows.precision.calibration import CalibrationMolecules

_N_NOTED = 5


def calibration_set(path: Path) -> CalibrationMolecules:
    """The set of a file with its graphs; molecules that cannot be read are noted on stderr."""
    from molq.calibset.spec import read_calibset
    from molq.workflows.precision.calibration import calibration_molecules

    molecules = calibration_molecules(read_calibset(path))
    for refused in molecules.rejected[:_N_NOTED]:
        typer.echo(f"note: {path}, row {refused.row}: {refused.smiles} is left out, {refused.reason}", err=True)
    if len(molecules.rejected) > _N_NOTED:
        typer.echo(f"note: and {len(molecules.rejected) - _N_NOTED} more rows of {path}", err=True)
    return molecules
