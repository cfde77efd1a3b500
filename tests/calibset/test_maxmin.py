import numpy as np

from molq.calibset.maxmin import choose_by_maxmin
from molq.calibset.population import populate


def _nearest(fingerprints):
    f = np.unpackbits(fingerprints, axis=1).astype(float)
    common = f @ f.T
    tanimoto = common / (f.sum(axis=1)[:, None] + f.sum(axis=1)[None, :] - common)
    np.fill_diagonal(tanimoto, 0)
    return tanimoto.max()


def test_picks_are_farther_apart_than_random_draws(library):
    pool = populate(library)
    rng = np.random.default_rng(0)
    picked = choose_by_maxmin(pool, pool, 10, rng).index
    draws = [_nearest(pool.fingerprints[rng.choice(len(pool), 10, replace=False)]) for _ in range(50)]
    assert _nearest(pool.fingerprints[picked]) <= min(draws)
