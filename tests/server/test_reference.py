from __future__ import annotations

import numpy as np
from scipy.stats import percentileofscore

from molq.server.reference import ReferenceScores


def test_percentiles_are_those_of_scipy():
    rng = np.random.default_rng(0)
    library = rng.integers(0, 20, (500, 2)).astype(np.float32)
    library[::50, 1] = np.nan
    reference = ReferenceScores()
    assert not reference.is_ready
    reference.fill("x", 500, {"a": library})
    assert reference.is_ready
    asked = np.array([[3, -1], [19, 7], [25, np.nan]], np.float32)
    found = reference.percentiles("a", asked)
    for i in range(2):
        column = library[:, i][np.isfinite(library[:, i])]
        expected = [percentileofscore(column, value, "mean") for value in asked[:, i]]
        np.testing.assert_allclose(found[:, i], np.where(np.isfinite(asked[:, i]), expected, np.nan))
