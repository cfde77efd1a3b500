"""Cluster sampling: k-means on Morgan fingerprints of the library, its clusters in proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from molq.calibset.allocation import allocate
from molq.calibset.population import Population
from molq.calibset.strategy import Choice

if TYPE_CHECKING:
    from sklearn.cluster import MiniBatchKMeans

_LIBRARY_SAMPLE = 10_000
_POOL_SAMPLE = 50_000
_MOLECULES_PER_CLUSTER = 4
_CHUNK = 4096


def choose_by_cluster(pool: Population, library: Population, size: int, rng: np.random.Generator) -> Choice:
    """Molecules drawn from the library's fingerprint clusters in proportion to their sizes.

    A quarter as many clusters as molecules. Clusters are learned on at most 10,000 library molecules, and a pool of
    more than 50,000 is represented by a seeded draw of that many. Places of a cluster that the pool cannot fill go to
    the unused molecules nearest to its centre.
    """
    from sklearn.cluster import MiniBatchKMeans  # late: it takes a second, and other strategies need none

    sample = library.sample(_LIBRARY_SAMPLE, rng)
    n_clusters = max(1, min(size // _MOLECULES_PER_CLUSTER, len(sample.distinct)))
    kmeans = MiniBatchKMeans(n_clusters, batch_size=1024, n_init=1, random_state=int(rng.integers(2**31)))
    kmeans.fit(_bits(sample.fingerprints))
    n_library = np.bincount(kmeans.labels_, minlength=n_clusters)
    places = allocate(n_library, size)

    distinct = rng.permutation(pool.distinct)[: max(_POOL_SAMPLE, size)]
    distances = _distances(kmeans, pool.subset(distinct).fingerprints)[np.argsort(np.argsort(distinct))]
    home = distances.argmin(axis=1)
    taken = np.concatenate([np.flatnonzero(home == c)[:n] for c, n in enumerate(places)])
    free = np.ones(len(distinct), np.bool_)
    free[taken] = False
    missing = places - np.bincount(home[taken], minlength=n_clusters)
    for c in np.flatnonzero(missing):
        nearest = np.argsort(np.where(free, distances[:, c], np.inf), kind="stable")[: missing[c]]
        free[nearest] = False
        taken = np.concatenate([taken, nearest])
    notes = {"clusters": n_clusters, "pool_used": len(distinct), "molecules_from_nearest_cluster": int(missing.sum())}
    return Choice(distinct[rng.permutation(taken)], {name: float(value) for name, value in notes.items()})


def _distances(kmeans: MiniBatchKMeans, fingerprints: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Distance [n, k] of each molecule to each cluster centre."""
    starts = range(0, len(fingerprints), _CHUNK)
    return np.concatenate([kmeans.transform(_bits(fingerprints[i : i + _CHUNK])) for i in starts])


def _bits(fingerprints: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Packed fingerprints [n, b] as zeros and ones [n, 8 b]."""
    return np.unpackbits(fingerprints, axis=1, bitorder="little").astype(np.float32)
