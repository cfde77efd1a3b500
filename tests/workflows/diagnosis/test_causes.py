from __future__ import annotations

import pytest
from outcomes import tried

from molq.results.diagnosis import Step
from molq.workflows.diagnosis.attempts import (
    BOTH_CAUSE,
    LAYER_CAUSE,
    OUTLIER_CAUSE,
    RANGE_CAUSE,
    SCHEME_CAUSE,
    SET_CAUSE,
)
from molq.workflows.diagnosis.causes import causes

SETS = Step("calibration set", "ten of a kind", True)
OUTLIERS = Step("outliers", "channel 7", True)


@pytest.mark.parametrize(
    ("outcomes", "steps", "names"),
    [
        ([tried(SET_CAUSE, 0.99), tried(LAYER_CAUSE, 1.0), tried(SCHEME_CAUSE, 1.0)], [SETS], [SET_CAUSE]),
        ([tried(RANGE_CAUSE, 0.99), tried(OUTLIER_CAUSE, 0.98)], [OUTLIERS], [OUTLIER_CAUSE, RANGE_CAUSE]),
        ([tried(SET_CAUSE, 0.9, 20), tried(BOTH_CAUSE, 0.99)], [SETS, OUTLIERS], [BOTH_CAUSE, SET_CAUSE]),
        ([tried(SET_CAUSE, 0.9, 20), tried(BOTH_CAUSE, 0.99)], [SETS], [SET_CAUSE]),
        ([tried(LAYER_CAUSE, 0.95), tried(SCHEME_CAUSE, 1.0)], [], [LAYER_CAUSE]),
        ([tried(SET_CAUSE, 0.1), tried(SCHEME_CAUSE, 1.0)], [SETS], [SCHEME_CAUSE]),
        ([tried(SET_CAUSE, 0.6, 20), tried(SCHEME_CAUSE, 1.0)], [SETS], [SET_CAUSE, SCHEME_CAUSE]),
        ([tried(SET_CAUSE, 0.6, 20), tried(SCHEME_CAUSE, 1.0)], [], [SCHEME_CAUSE, SET_CAUSE]),
        ([tried(SET_CAUSE, 0.1), tried(SCHEME_CAUSE, 0.2)], [SETS], []),
    ],
)
def test_the_cause_is_what_mending_alone_recovers(outcomes, steps, names):
    assert [cause.name for cause in causes(outcomes, steps)] == names


def test_a_remedy_is_not_credited_with_the_new_set_that_came_with_it():
    fresh, weak = (tried(SET_CAUSE, recovered, set_name="200") for recovered in (0.99, 0.1))
    observed = tried(RANGE_CAUSE, 0.995, set_name="200")
    assert [cause.name for cause in causes([fresh, observed], [])] == [SET_CAUSE]
    assert [cause.name for cause in causes([weak, observed], [])] == [RANGE_CAUSE]
