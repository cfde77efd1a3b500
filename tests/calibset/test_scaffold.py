from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molq.calibset.population import Scaffolds, populate
from molq.calibset.scaffold import _candidates, _distance, choose_by_scaffold
from molq.calibset.strata import Stratum


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


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_place_has_candidates_of_its_own_stratum_first(data):
    """Whatever the pool holds: no molecule is offered twice, none is borrowed from a stratum that needs it."""
    n_strata = data.draw(st.integers(1, 4))
    home = np.array(data.draw(st.lists(st.integers(-1, n_strata - 1), min_size=1, max_size=40)))
    places = np.zeros(n_strata, np.int64)
    for s in data.draw(st.lists(st.integers(0, n_strata - 1), min_size=1, max_size=len(home))):
        places[s] += 1
    strata = [Stratum("generic", "CC", 1, "CC", 2, 5 + s) for s in range(n_strata)]
    distinct = np.random.default_rng(0).permutation(3 * len(home))[: len(home)]
    scaffolds = Scaffolds(
        np.random.default_rng(1).integers(0, 3, 3 * len(home)),
        ["a", "b", "c"],
        ["C", "CC", "CCC"],
        np.array([1, 2, 3]),
        np.array([4, 6, 8]),
    )
    found = _candidates(distinct, home, places, strata, scaffolds)
    assert (np.diff(found.molecules) > 0).all()
    own = dict(zip(distinct.tolist(), home.tolist(), strict=True))
    stays = np.array([own[m] for m in found.molecules.tolist()]) == found.strata
    for s in range(n_strata):
        members, offered = int((home == s).sum()), int((found.strata == s).sum())
        kept = int((stays & (found.strata == s)).sum())
        assert offered >= places[s]
        assert kept >= min(places[s], members)
        assert kept <= 4 * places[s]
        assert offered == kept or members < places[s]
    assert found.n_borrowed == sum(max(int(places[s]) - int((home == s).sum()), 0) for s in range(n_strata))


def test_the_generic_scaffold_comes_before_the_rings_and_the_rings_before_the_size():
    nearest_first = [
        ("C1CCCCC1", 1, 6), ("C1CCCCC1", 1, 9), ("C1CCCCC1", 3, 6), ("other", 1, 6), ("other", 1, 999), ("other", 0, 6),
        ("other", 3, 8),
    ]  # fmt: skip
    order = np.random.default_rng(0).permutation(len(nearest_first))
    generics, n_rings, n_atoms = zip(*(nearest_first[i] for i in order), strict=True)
    scaffolds = Scaffolds(np.arange(7), [""] * 7, list(generics), np.array(n_rings), np.array(n_atoms))
    distance = _distance(Stratum("scaffold", "c1ccccc1", 9, "C1CCCCC1", 1, 6), scaffolds)
    assert np.argsort(distance).tolist() == np.argsort(order).tolist()
    assert len(set(distance)) == 7
    assert distance.min() == 0


def test_a_pooled_stratum_repeats_no_scaffold_while_it_has_others():
    rings = ["c1ccccc1{}", "c1ccnc(c1){}", "c1cnc(nc1){}", "C1CCCCC1{}", "C1CCNC(C1){}", "C1COCC(C1){}"]
    groups = ["C", "CCCC", "O", "N", "Br"]
    library = populate([ring.format(group) for ring in rings for group in groups])
    for seed in range(5):
        choice = choose_by_scaffold(library, library, 5, np.random.default_rng(seed))
        assert choice.notes["strata"] == 1
        assert max(_scaffolds_of(library, choice).values()) == 1
    more = choose_by_scaffold(library, library, 12, np.random.default_rng(0))
    assert len(set(more.index.tolist())) == 12
