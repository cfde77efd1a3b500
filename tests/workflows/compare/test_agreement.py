from __future__ import annotations

import numpy as np
import pytest

from molq.workflows.compare.agreement import agreement

RNG = np.random.default_rng(3)
GOOD = ((np.arange(120) % 2)[:, None] + RNG.normal(0, 0.8, (120, 1))).astype(np.float32)


def test_agreement_is_perfect_with_itself_and_with_any_rising_function():
    for same in (GOOD, np.exp(GOOD)):
        values = agreement(GOOD, same)
        assert values.hit_overlap_1pct == values.hit_overlap_5pct == 1.0
        assert values.spearman == pytest.approx(1.0)
    assert agreement(GOOD, GOOD).max_score_change == 0.0
    assert agreement(GOOD, -GOOD).hit_overlap_1pct == 0.0
    assert agreement(GOOD, GOOD + np.float32(0.25)).max_score_change == pytest.approx(0.25)


def test_ties_of_the_reference_do_not_count_against_it():
    reference = np.concatenate([np.ones(100), np.linspace(0, 0.9, 300)]).astype(np.float32)[:, None]
    assert agreement(reference, reference).hit_overlap_1pct == 1.0
    broken = reference.copy()
    broken[50:100] += np.linspace(0.1, 0.2, 50, dtype=np.float32)[:, None]
    assert agreement(reference, broken).hit_overlap_1pct == pytest.approx(1.0)
    assert agreement(reference, -reference).hit_overlap_1pct == 0.0
