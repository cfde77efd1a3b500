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


def test_four_candidates_stand_for_every_place_as_far_as_the_pool_goes(library):
    pool = populate(library)
    for size, expected in ((14, 56), (40, 84)):
        choice = choose_by_property(pool, pool, size, np.random.default_rng(0))
        assert choice.notes["candidates"] == expected
        assert len(set(choice.index.tolist())) == size
