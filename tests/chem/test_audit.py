"""What an audit without a difference says, against the binomial distribution."""

import pytest
from scipy.stats import binom

from molq.chem.audit import most_differing


@pytest.mark.parametrize("n", [1, 10, 2_000, 1_000_000])
def test_the_bound_is_where_no_difference_becomes_unlikely(n):
    assert binom.pmf(0, n, most_differing(n)) == pytest.approx(0.05)


def test_the_rule_of_three():
    assert most_differing(2_000) * 1e6 == pytest.approx(1_500, rel=0.01)


def test_nothing_is_known_without_an_audit():
    assert most_differing(0) == 1
