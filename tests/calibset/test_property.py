import numpy as np

from molq.calibset.population import populate
from molq.calibset.property import choose_by_property


def test_properties_follow_the_library_and_not_the_pool(library):
    pool = populate(library)
    aliphatic = populate([s for s in library if "c1" not in s])
    index = choose_by_property(pool, aliphatic, 14, np.random.default_rng(0)).index
    heavy, theirs = pool.profile[index].mean(axis=0), aliphatic.profile.mean(axis=0)
    scale = pool.profile.std(axis=0) + 1e-9
    assert np.abs((heavy - theirs) / scale).mean() < 0.5 * np.abs((pool.profile.mean(axis=0) - theirs) / scale).mean()
    assert len(set(index.tolist())) == 14
