import numpy as np
import pytest

from molq.calibset.reference import Null
from molq.calibset.statistics import STATISTICS
from molq.calibset.verdict import MARGINAL_P, _scores, judge

M = len(STATISTICS)
SIGN = np.array([1.0 if statistic.larger_is_worse else -1.0 for statistic in STATISTICS])


def _draws(rng, n):
    """Correlated, skewed and, in the first column, nearly always equal statistics."""
    mix = np.linspace(0.2, 1, M)[None, :] * rng.normal(size=(n, 1)) + rng.normal(size=(n, M))
    skewed = np.where(np.arange(M) % 2 == 0, np.exp(mix), mix)
    skewed[:, 0] = rng.random(n) < 0.01
    return skewed * SIGN


def test_false_alarms_come_at_the_stated_rate():
    rng = np.random.default_rng(0)
    verdicts = [judge(_draws(rng, 1)[0], Null(200, _draws(rng, 400))).verdict for _ in range(1500)]
    alarms = np.mean([v != "representative" for v in verdicts])
    assert abs(alarms - MARGINAL_P) < 4 * np.sqrt(MARGINAL_P * (1 - MARGINAL_P) / 1500)
    assert 0 < np.mean([v == "not representative" for v in verdicts]) < alarms


@pytest.mark.parametrize("column", range(M))
def test_a_gross_fault_in_any_one_statistic_is_found_and_named(column):
    rng = np.random.default_rng(column)
    null = Null(200, _draws(rng, 400))
    values = np.median(null.values, axis=0)
    values[column] = (SIGN[column] * null.values[:, column]).max() * SIGN[column] + 50 * SIGN[column]
    found = judge(values, null)
    assert found.verdict == "not representative"
    assert found.faults == [column]
    assert found.p_values[column] == 1 / 401


def test_being_closer_than_random_draws_is_no_fault():
    null = Null(200, _draws(np.random.default_rng(0), 400))
    best = (SIGN * null.values).min(axis=0) - 100
    found = judge(SIGN * best, null)
    assert found.verdict == "representative"
    assert found.p_value == 1
    assert found.faults == []


def test_a_difference_too_small_to_matter_is_no_fault():
    values = np.zeros((400, M))
    ours = np.zeros(M)
    ours[0] = -0.001  # a coverage lower by a thousandth where all draws are equal
    values[0, 1] = -0.03
    assert judge(ours, Null(200, values)).p_value > MARGINAL_P / 4
    assert judge(ours, Null(200, values)).z[0] < 1


def test_a_score_is_that_of_a_row_among_all_the_others():
    badness = np.random.default_rng(1).exponential(size=(30, 4))
    badness[:, 3] = 7.0
    least = np.array([0.0, 0.0, 5.0, 0.1])
    found = _scores(badness, least)
    for i in range(30):
        others = np.delete(badness, i, axis=0)
        expected = (badness[i] - others.mean(axis=0)) / np.maximum(others.std(axis=0), least)
        np.testing.assert_allclose(found[i], expected, atol=1e-12)


def test_the_faults_are_those_that_chance_does_not_explain_the_worst_first():
    null = Null(200, np.abs(_draws(np.random.default_rng(3), 400)) * SIGN)
    values = np.median(null.values, axis=0)
    for column, size in ((4, 30), (2, 90), (9, 60)):
        values[column] = SIGN[column] * size * np.abs(null.values[:, column]).max()
    found = judge(values, null)
    assert sorted(found.faults) == [2, 4, 9]
    assert found.faults == sorted(found.faults, key=lambda i: -found.z[i])
