from __future__ import annotations

import pytest

from molq.results.changes import ScoreChange


def test_the_change_is_what_was_added_to_the_float_models_score():
    assert ScoreChange("C", "a", 0.75, 0.5, 1, 3, 10).change == pytest.approx(-0.25)
