"""Small common compounds, embedded: the control that a chosen calibration set should beat."""

from __future__ import annotations

import csv
from importlib.resources import files


def generic_compounds() -> list[str]:
    """SMILES of solvents, reagents, amino acids, heterocycles and simple drugs, written for molq from their names.

    They lie in ``generic_compounds.csv`` beside this module (Apache-2.0, as molq), with the name of each.
    """
    text = files("molq.calibset").joinpath("generic_compounds.csv").read_text(encoding="utf-8")
    return [row["smiles"] for row in csv.DictReader(text.splitlines())]
