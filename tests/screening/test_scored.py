from __future__ import annotations

import numpy as np

from molq.columns import columns_of
from molq.screening.scored import ScoredRows

SCORES = np.array([[1, 2, 3, 4]], np.float32)
COLUMNS = columns_of(("a", "b"), (("", "value"), ("std", "std")))


def scored(scores, columns) -> ScoredRows:
    return ScoredRows(np.arange(len(scores)), scores, {}, columns)


def test_rows_are_ranked_by_predictions_and_not_by_how_sure_they_are():
    assert scored(SCORES, COLUMNS).predictions.tolist() == [[1, 3]]
    assert scored(SCORES[:, :2], columns_of(("a", "b"))).predictions.tolist() == [[1, 2]]


def test_columns_that_were_chosen_alone_are_what_rows_are_ranked_by():
    assert scored(SCORES[:, 1:2], COLUMNS[1:2]).predictions.tolist() == [[2]]
