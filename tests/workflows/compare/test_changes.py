from __future__ import annotations

import numpy as np

from molq.results.changes import ScoreChange
from molq.workflows.compare.agreement import agreement
from molq.workflows.compare.changes import largest_changes

REFERENCE = np.array([[0.1, 0.5], [0.9, 0.5], [0.5, 0.5]], np.float32)
SCORES = np.array([[0.1, 0.75], [0.4, 0.5], [0.5, 0.5]], np.float32)


def test_the_farthest_comes_first_with_its_ranks_and_what_stayed_is_left_out():
    labels = np.array([[0, np.nan], [1, 0], [0, 0]], np.float32)
    found = largest_changes(["C", "CC", "CCC"], ("a", "b"), REFERENCE, SCORES, labels)
    assert found == (
        ScoreChange("CC", "a", float(np.float32(0.9)), float(np.float32(0.4)), 1, 2, 3, 1.0),
        ScoreChange("C", "b", 0.5, 0.75, 1, 1, 3, None),
    )
    assert abs(found[0].change) == agreement(REFERENCE, SCORES).max_score_change


def test_as_many_as_asked_for():
    assert [c.smiles for c in largest_changes(["C", "CC", "CCC"], ("a", "b"), REFERENCE, SCORES, n=1)] == ["CC"]
    assert largest_changes([], ("a",), np.zeros((0, 1), np.float32), np.zeros((0, 1), np.float32)) == ()
