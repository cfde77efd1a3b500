from __future__ import annotations

import pytest

from molq.training.config import TrainConfig
from molq.workflows.tuning.train import TrainingData, network_config, train, training_data


@pytest.fixture(scope="session")
def small_data(folder) -> TrainingData:
    """160 molecules of BACE from a table, split at random."""
    return training_data(str(folder / "table.csv"), tasks=["active"], split="random", fractions=(0.6, 0.2, 0.2))


@pytest.fixture(scope="session")
def ensemble(small_data):
    """Two members, trained for an epoch; the file remembers what on."""
    config = network_config(small_data.labelled, d_h=16, depth=3)
    return train(small_data, config, TrainConfig(epochs=1, n_members=2), name="pair").model
