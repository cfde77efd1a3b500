from __future__ import annotations

import pytest

from molq.quant.scheme import get_scheme
from molq.results.accuracy import Agreement
from molq.results.fidelity import Fidelity
from molq.workflows.diagnosis.causes import causes
from molq.workflows.diagnosis.last_resorts import needs_mixed, needs_training
from molq.workflows.diagnosis.remedies import (
    BOTH_CAUSE,
    GIVEN,
    LAYER_CAUSE,
    OUTLIER_CAUSE,
    RANGE_CAUSE,
    SCHEME_CAUSE,
    SET_CAUSE,
    Remedy,
    Treatment,
    ranked,
)
from molq.workflows.diagnosis.steps import Step

SAME = Agreement(1.0, 1.0, 1.0, 0.0)
SETS = Step("calibration set", "ten of a kind", True, {})
OUTLIERS = Step("outliers", "channel 7", True, {})


def remedy(
    cause: str, recovered: float, decibels: float = 30.0, size_bytes: int = 100, set_name: str = GIVEN
) -> Remedy:
    fidelity = Fidelity(1e-3, 1e-3, decibels, SAME, None, None)
    return Remedy(Treatment(cause, cause, get_scheme("int8"), set_name), size_bytes, fidelity, recovered, None)


@pytest.mark.parametrize(
    ("remedies", "steps", "names"),
    [
        ([remedy(SET_CAUSE, 0.99), remedy(LAYER_CAUSE, 1.0), remedy(SCHEME_CAUSE, 1.0)], [SETS], [SET_CAUSE]),
        ([remedy(RANGE_CAUSE, 0.99), remedy(OUTLIER_CAUSE, 0.98)], [OUTLIERS], [OUTLIER_CAUSE, RANGE_CAUSE]),
        ([remedy(SET_CAUSE, 0.9, 20), remedy(BOTH_CAUSE, 0.99)], [SETS, OUTLIERS], [BOTH_CAUSE, SET_CAUSE]),
        ([remedy(SET_CAUSE, 0.9, 20), remedy(BOTH_CAUSE, 0.99)], [SETS], [SET_CAUSE]),
        ([remedy(LAYER_CAUSE, 0.95), remedy(SCHEME_CAUSE, 1.0)], [], [LAYER_CAUSE]),
        ([remedy(SET_CAUSE, 0.1), remedy(SCHEME_CAUSE, 1.0)], [SETS], [SCHEME_CAUSE]),
        ([remedy(SET_CAUSE, 0.6, 20), remedy(SCHEME_CAUSE, 1.0)], [SETS], [SET_CAUSE, SCHEME_CAUSE]),
        ([remedy(SET_CAUSE, 0.6, 20), remedy(SCHEME_CAUSE, 1.0)], [], [SCHEME_CAUSE, SET_CAUSE]),
        ([remedy(SET_CAUSE, 0.1), remedy(SCHEME_CAUSE, 0.2)], [SETS], []),
    ],
)
def test_the_cause_is_what_mending_alone_recovers(remedies, steps, names):
    assert [cause.name for cause in causes(remedies, steps)] == names


def test_a_remedy_is_not_credited_with_the_new_set_that_came_with_it():
    fresh, weak = (remedy(SET_CAUSE, recovered, set_name="200") for recovered in (0.99, 0.1))
    observed = remedy(RANGE_CAUSE, 0.995, set_name="200")
    assert [cause.name for cause in causes([fresh, observed], [])] == [SET_CAUSE]
    assert [cause.name for cause in causes([weak, observed], [])] == [RANGE_CAUSE]
    assert ranked([observed, fresh], 100) == [fresh, observed]


def test_last_resorts_wait_for_what_is_simpler():
    dynamic, half = remedy(SCHEME_CAUSE, 1.0), remedy(SCHEME_CAUSE, 1.0, size_bytes=195)
    assert not needs_mixed([remedy(SET_CAUSE, 0.9)])
    assert needs_mixed([remedy(SET_CAUSE, 0.7), remedy(SET_CAUSE, 0.9, decibels=20), dynamic])
    assert not needs_training([dynamic], 100)
    assert needs_training([half, remedy(SET_CAUSE, 0.7)], 100)


def test_the_smallest_cure_comes_first():
    half, fresh, weak = remedy(SCHEME_CAUSE, 1.0, size_bytes=195), remedy(SET_CAUSE, 0.9), remedy(RANGE_CAUSE, 0.7)
    assert ranked([weak, half, fresh], 100) == [fresh, half, weak]
