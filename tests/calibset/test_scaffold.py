from collections import Counter

import numpy as np
import pytest

from molq.calibset.population import populate
from molq.calibset.scaffold import choose_by_scaffold


def _scaffolds_of(pool, choice):
    return Counter(pool.scaffolds.names[c] for c in pool.scaffolds.codes[choice.index])


def test_scaffolds_are_in_proportion(library):
    pool = populate(library)
    choice = choose_by_scaffold(pool, pool, 24, np.random.default_rng(0))
    assert set(_scaffolds_of(pool, choice).values()) == {4}
    assert len(set(choice.index.tolist())) == 24


def test_the_library_decides_not_the_pool(library):
    pool = populate(library)
    target = populate([s for s in library if "c1ccsc1" in s] + [s for s in library if "c1ccncc1" in s])
    choice = choose_by_scaffold(pool, target, 10, np.random.default_rng(0))
    assert _scaffolds_of(pool, choice) == {"c1ccsc1": 5, "c1ccncc1": 5}
    assert choice.notes["molecules_from_nearest_stratum"] == 0


def test_a_missing_stratum_falls_to_the_nearest_and_is_reported(library):
    pool = populate([s for s in library if "c1ccncc1" not in s])
    target = populate([s for s in library if "c1ccncc1" in s])
    choice = choose_by_scaffold(pool, target, 10, np.random.default_rng(0))
    nearest = {"c1ccccc1", "C1CCNCC1"}  # they share the generic scaffold of pyridine
    assert set(_scaffolds_of(pool, choice)) <= nearest
    assert choice.notes["strata_missing_in_pool"] == 1
    assert choice.notes["molecules_from_nearest_stratum"] == 10


@pytest.mark.parametrize("size", [1, 30, 83, 84])
def test_any_size_up_to_the_pool_is_filled(library, size):
    pool = populate(library)
    target = populate([s for s in library if "c1ccccc1" in s] + ["c1ccc(cc1)-c1ccc(cc1)-c1ccccc1"] * 7)
    choice = choose_by_scaffold(pool, target, size, np.random.default_rng(0))
    assert len(set(choice.index.tolist())) == size


def test_the_property_profile_is_nearer_the_library_than_random_draws(library):
    pool = populate(library)
    scale = pool.profile.std(axis=0) + 1e-9

    def gap(index):
        return np.abs((pool.profile[index].mean(axis=0) - pool.profile.mean(axis=0)) / scale).mean()

    rng = np.random.default_rng(0)
    draws = [gap(rng.choice(len(pool), 18, replace=False)) for _ in range(200)]
    assert gap(choose_by_scaffold(pool, pool, 18, rng).index) < np.quantile(draws, 0.05)
