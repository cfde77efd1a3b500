import numpy as np

from molq.calibset.matching import Marginals, match
from molq.calibset.population import populate


def _gap(rows, chosen, target):
    return float(((rows[chosen].mean(axis=0) - target) ** 2).sum())


def test_places_are_kept_and_the_mean_is_nearer_than_random_draws():
    rng = np.random.default_rng(0)
    rows = (rng.random((300, 20)) < rng.random(20)).astype(np.float32)
    target = rows.mean(axis=0)
    strata, places = rng.integers(0, 5, 300), np.array([3, 0, 8, 1, 8])
    chosen = match(rows, target, strata, places)
    assert len(set(chosen.tolist())) == 20
    assert np.bincount(strata[chosen], minlength=5).tolist() == places.tolist()
    draws = [_gap(rows, rng.choice(300, 20, replace=False), target) for _ in range(200)]
    assert _gap(rows, chosen, target) < min(draws)


def test_a_kind_is_not_repeated_while_there_are_others():
    rng = np.random.default_rng(1)
    rows = rng.random((60, 5)).astype(np.float32)
    kinds = np.repeat(np.arange(12), 5)
    chosen = match(rows, rows.mean(axis=0), np.zeros(60, np.int64), np.array([12]), kinds)
    assert sorted(kinds[chosen]) == list(range(12))
    more = match(rows, rows.mean(axis=0), np.zeros(60, np.int64), np.array([20]), kinds)
    assert len(set(more.tolist())) == 20


def test_the_target_is_the_librarys_own_mean(library):
    molecules = populate(library)
    marginals = Marginals(molecules, seed=0)
    np.testing.assert_allclose(marginals.target, marginals.rows(molecules).mean(axis=0), atol=1e-6)


def test_the_order_is_that_of_the_nearest_mean_at_every_step():
    """Kernel herding by brute force; all candidates are chosen, so that none can be exchanged."""
    rng = np.random.default_rng(2)
    rows = (rng.random((14, 9)) < 0.4).astype(np.float32)
    rows += rng.random((14, 9)).astype(np.float32) / 50  # no two are equally near
    target, strata, places = rows.mean(axis=0) * 1.5, np.arange(14) % 2, np.array([7, 7])
    expected: list[int] = []
    for step in range(1, 15):
        left = [i for i in range(14) if i not in expected]
        expected.append(min(left, key=lambda i: _gap(rows, [*expected, i], target) * step))
    assert match(rows, target, strata, places).tolist() == expected


def test_no_exchange_within_a_stratum_brings_the_mean_nearer():
    rng = np.random.default_rng(3)
    rows = (rng.random((60, 12)) < rng.random(12)).astype(np.float32)
    target, strata = rows.mean(axis=0), np.arange(60) % 3
    chosen = match(rows, target, strata, np.array([4, 5, 6])).tolist()
    best = _gap(rows, chosen, target)
    for place, old in enumerate(chosen):
        for new in set(range(60)) - set(chosen):
            if strata[new] == strata[old]:
                swapped = [*chosen[:place], new, *chosen[place + 1 :]]
                assert _gap(rows, swapped, target) >= best - 1e-6
