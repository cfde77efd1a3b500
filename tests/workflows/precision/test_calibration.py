from __future__ import annotations

import numpy as np

from molq.calibset.spec import CalibrationSet, CalibrationSpec
from molq.chem.packed import concat
from molq.workflows.precision.calibration import BATCH_MOLECULES, calibration_molecules


def calibset(smiles: list[str]) -> CalibrationSet:
    return CalibrationSet(smiles, np.arange(len(smiles)), CalibrationSpec("random", len(smiles), 7), {"element": 0.5})


def test_batches_hold_every_molecule_once_and_can_be_read_again():
    molecules = calibration_molecules(calibset(["C" * n for n in range(1, 150)]))
    for _ in range(2):
        batches = list(molecules.batches())
        assert [batch.n_mols for batch in batches] == [BATCH_MOLECULES, BATCH_MOLECULES, 149 - 2 * BATCH_MOLECULES]
        for mine, whole in zip(concat(batches), molecules.graphs, strict=True):
            assert np.array_equal(mine, whole)


def test_a_molecule_that_does_not_parse_is_left_out_and_counted():
    chosen = calibset(["CCO", "C((", "c1ccccc1"])
    molecules = calibration_molecules(chosen)
    assert [refused.smiles for refused in molecules.rejected] == ["C(("]
    assert molecules.record("mse") == {
        "strategy": "random",
        "size": 3,
        "seed": 7,
        "sha256": chosen.sha256,
        "molecules_used": 2,
        "observer": "mse",
        "coverage": {"element": 0.5},
    }
