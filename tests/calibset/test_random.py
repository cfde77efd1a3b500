import numpy as np

from molq.calibset.population import populate
from molq.calibset.random import choose_random


def test_draws_are_distinct_and_reach_every_molecule(library):
    pool = populate(library + library)
    seen = set()
    for seed in range(60):
        index = choose_random(pool, pool, 10, np.random.default_rng(seed)).index
        smiles = {pool.smiles[i] for i in index}
        assert len(smiles) == 10
        seen |= smiles
    assert seen == set(library)
