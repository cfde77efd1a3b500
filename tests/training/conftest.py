from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.data.labels import LabelledSet, load_dataset
from molq.data.splits import Split


@pytest.fixture(scope="session")
def bace() -> LabelledSet:
    """240 molecules of the embedded BACE set, in an order of their own, for the file is sorted by activity."""
    whole = load_dataset("bace")
    return whole.subset(np.random.default_rng(0).permutation(len(whole))[:240])


@pytest.fixture(scope="session")
def esol() -> LabelledSet:
    """240 molecules of the embedded ESOL set, a regression."""
    whole = load_dataset("esol")
    return whole.subset(np.random.default_rng(0).permutation(len(whole))[:240])


@pytest.fixture(scope="session")
def label() -> Callable[..., LabelledSet]:
    """Makes a labelled set of SMILES and labels [n, T]."""

    def labelled(smiles: Sequence[str], labels: Sequence[Sequence[float]], kind: str = "classification") -> LabelledSet:
        graphs = featurize(list(smiles)).graphs
        assert graphs.n_mols == len(smiles) == len(labels)
        values = np.asarray(labels, np.float32)
        tasks = tuple(f"t{i}" for i in range(values.shape[1]))
        return LabelledSet("made", list(smiles), np.arange(len(smiles)), graphs, values, tasks, kind, [], "0" * 64)

    return labelled


@pytest.fixture(scope="session")
def split_at() -> Callable[..., Split]:
    """Makes the split of the first ``n_train`` rows, the next ``n_valid``, and the rest."""

    def split(n: int, n_train: int, n_valid: int) -> Split:
        train, valid, test = np.split(np.arange(n), [n_train, n_train + n_valid])
        return Split(train, valid, test, "by row", None, (n_train / n, n_valid / n, 1 - (n_train + n_valid) / n))

    return split
