from __future__ import annotations

import statistics
from dataclasses import replace

import pytest
from heard import Heard

from molq.engine.engine import Engine
from molq.errors import InputError
from molq.training.config import TrainConfig
from molq.workflows.tuning.repeats import other_splits
from molq.workflows.tuning.train import network_config, train, training_data

SETTINGS = TrainConfig(epochs=1, batch_size=32)


@pytest.fixture(scope="module")
def data(folder):
    return training_data(
        str(folder / "table.csv"), tasks=["active"], split="random", split_seed=3, fractions=(0.6, 0.2, 0.2)
    )


def made(data, **options):
    return train(data, network_config(data.labelled, d_h=16, depth=2), SETTINGS, name="m", **options)


@pytest.fixture(scope="module")
def repeated(data):
    return made(data, repeats=3)


def test_every_split_is_what_a_training_of_its_own_gives(folder, repeated):
    splits = repeated.training.repeats.splits
    assert [split.seed for split in splits] == [3, 4, 5]
    path = str(folder / "table.csv")
    alone = training_data(path, tasks=["active"], split="random", split_seed=5, fractions=(0.6, 0.2, 0.2))
    assert splits[2].metrics["roc_auc"] == made(alone).training.metrics["roc_auc"]


def test_the_model_is_that_of_the_first_split(data, repeated):
    alone = made(data)
    assert alone.training.repeats is None
    rows = data.labelled.graphs
    same = Engine(alone.model.network).scores(rows).tobytes() == Engine(repeated.model.network).scores(rows).tobytes()
    assert same
    assert repeated.training.metrics == alone.training.metrics
    assert "repeats" not in alone.model.card.training
    assert repeated.model.card.training["repeats"]["split_seeds"] == [3, 4, 5]


def test_the_spread_is_that_of_the_values(repeated):
    values = [split.metrics["roc_auc"].value for split in repeated.training.repeats.splits]
    found = repeated.training.repeats.spread["roc_auc"]
    assert found.mean == pytest.approx(statistics.mean(values))
    assert found.std == pytest.approx(statistics.stdev(values))
    assert (found.low, found.high) == (min(values), max(values))
    assert repeated.model.card.training["repeats"]["test_roc_auc"] == {"mean": found.mean, "std": found.std}


def test_progress_names_the_split_and_epochs_are_of_the_first(data):
    heard, epochs = Heard(), []
    made(data, repeats=2, progress=heard, on_epoch=epochs.append)
    assert heard.stages == ["train, split 1 of 2", "train, split 2 of 2"]
    assert len(epochs) == 1


def test_what_cannot_be_repeated_is_said_before_training(data):
    labelled, split = data
    with pytest.raises(InputError, match="`repeats` is 3, and a scaffold split is always the same"):
        other_splits(labelled, replace(split, method="scaffold", seed=None), 3)
    with pytest.raises(InputError, match="without test molecules"):
        other_splits(labelled, replace(split, test=split.test[:0]), 3)
    with pytest.raises(InputError, match="`repeats` is 0"):
        other_splits(labelled, split, 0)
    with pytest.raises(InputError, match="`split_seed` is 4294967296"):
        other_splits(labelled, replace(split, seed=(1 << 32) - 1), 2)
