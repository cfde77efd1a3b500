import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.calibset.allocation import allocate

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=50).filter(any)


@given(COUNTS, st.integers(0, 1000))
def test_places_add_up_and_stay_within_one_of_the_exact_share(counts, total):
    places = allocate(counts, total)
    share = np.array(counts) * total / sum(counts)
    assert places.sum() == total
    assert np.all(np.abs(places - share) < 1)


@given(COUNTS, st.integers(1, 1000))
def test_every_stratum_with_its_share_of_the_population_gets_a_place(counts, total):
    large = np.array(counts) * total >= sum(counts)
    assert np.all(allocate(counts, total)[large] >= 1)


def test_equal_remainders_go_to_the_earlier_stratum():
    assert allocate([5, 5, 5], 2).tolist() == [1, 1, 0]


def test_empty_strata_are_refused():
    with pytest.raises(ValueError, match="empty"):
        allocate([0, 0], 1)
