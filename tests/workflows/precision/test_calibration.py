from __future__ import annotations

import numpy as np

from molq.calibset.spec import CalibrationSpec, ChosenSet
from molq.chem.recipe import PLAIN
from molq.results.plain import plain
from molq.workflows.precision.calibration import calibration_molecules


def calibset(smiles: list[str]) -> ChosenSet:
    return ChosenSet(smiles, np.arange(len(smiles)), CalibrationSpec("random", len(smiles), 7), {"element": 0.5})


def test_a_molecule_that_does_not_parse_is_left_out_and_counted():
    chosen = calibset(["CCO", "C((", "c1ccccc1"])
    molecules = calibration_molecules(chosen, PLAIN)
    assert [refused.smiles for refused in molecules.rejected] == ["C(("]
    assert molecules.smiles == ["CCO", "c1ccccc1"]
    assert plain(molecules.record("mse")) == {
        "strategy": "random",
        "size": 3,
        "seed": 7,
        "sha256": chosen.sha256,
        "molecules_used": 2,
        "observer": "mse",
        "coverage": {"element": 0.5},
    }
