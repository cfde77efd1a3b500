import numpy as np
import pytest

from molq.calibset.cluster import choose_by_cluster
from molq.calibset.population import populate


def test_the_set_follows_the_librarys_clusters_where_the_pool_does_not():
    thiophenes = ["C" * i + "c1ccsc1" for i in range(1, 21)]
    amides = ["C" * i + "C(=O)NC1CCCCC1" for i in range(1, 21)]
    pool = populate(thiophenes * 1 + amides[:5])
    index = choose_by_cluster(pool, populate(amides + thiophenes[:5]), 8, np.random.default_rng(0)).index
    n_amides = sum("C(=O)N" in pool.smiles[i] for i in index)
    assert len(set(index.tolist())) == 8
    assert n_amides == 5  # all there are, of the 6 or 7 places


@pytest.mark.parametrize("size", [1, 3, 84])
def test_any_size_up_to_the_pool_is_filled(library, size):
    pool = populate(library)
    index = choose_by_cluster(pool, populate(library[:20]), size, np.random.default_rng(0)).index
    assert len(set(index.tolist())) == size
