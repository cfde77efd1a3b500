from __future__ import annotations

import pytest
from outcomes import tried

from molq.workflows.diagnosis.attempts import LAYER_CAUSE, OUTLIER_CAUSE, RANGE_CAUSE, SCHEME_CAUSE, SET_CAUSE
from molq.workflows.diagnosis.trials import own_share, ranked


def test_the_smallest_cure_comes_first():
    half, fresh, weak = tried(SCHEME_CAUSE, 1.0, size_bytes=195), tried(SET_CAUSE, 0.9), tried(RANGE_CAUSE, 0.7)
    assert ranked([weak, half, fresh], 100) == [fresh, half, weak]


def test_what_recovers_far_more_comes_before_what_is_simpler():
    plain, better = tried(SET_CAUSE, 0.899), tried(OUTLIER_CAUSE, 0.997)
    assert ranked([plain, better], 100) == [better, plain]
    dynamic = tried(SCHEME_CAUSE, 0.997)
    assert ranked([plain, dynamic], 100) == [dynamic, plain]


def test_of_two_that_recover_as_much_the_simpler_comes_first():
    fresh, observed = tried(SET_CAUSE, 0.99, set_name="200"), tried(RANGE_CAUSE, 0.995, set_name="200")
    assert ranked([observed, fresh], 100) == [fresh, observed]
    spared = tried(LAYER_CAUSE, 0.996)
    assert ranked([spared, fresh], 100) == [fresh, spared]


def test_what_does_not_cure_goes_by_what_it_recovers():
    little, much = tried(SET_CAUSE, 0.2), tried(SCHEME_CAUSE, 0.99, decibels=20, size_bytes=195)
    assert ranked([little, much], 100) == [much, little]


def test_a_share_beyond_the_set_that_came_along():
    fresh, weak = (tried(SET_CAUSE, recovered, set_name="200") for recovered in (0.99, 0.1))
    observed = tried(RANGE_CAUSE, 0.55, set_name="200")
    assert own_share(observed, [fresh]) == 0.0
    assert own_share(observed, [weak]) == pytest.approx(0.5)
    assert own_share(observed, []) == 0.55
