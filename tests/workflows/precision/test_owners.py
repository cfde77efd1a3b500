from __future__ import annotations

import numpy as np

from molq.chem.featurize import featurize
from molq.workflows.precision.owners import owners, row_kinds


def test_rows_are_told_apart_by_their_number(model):
    kinds = row_kinds(model.network, ["encoder.W_h", "head.layers.0"])
    assert kinds[("head.layers.0", 0)] == "molecule"
    assert kinds[("encoder.W_h", 0)] == "edge"


def test_every_row_has_its_molecule():
    found = owners(featurize(["CCO", "C"]).graphs)
    assert found["molecule"].tolist() == [0, 1]
    assert found["atom"].tolist() == [0, 0, 0, 1]
    assert np.bincount(found["edge"]).tolist() == [4]
