from __future__ import annotations

import numpy as np
import pytest
from heard import Heard

from molq.engine.engine import Engine
from molq.errors import InputError
from molq.metrics.ranking import roc_auc
from molq.training.config import TrainConfig
from molq.workflows.tuning.fine_tune import tuning_of
from molq.workflows.tuning.train import network_config, train, training_data

SETTINGS = TrainConfig(epochs=2, batch_size=32)


@pytest.fixture(scope="module")
def data(folder):
    return training_data(str(folder / "table.csv"), tasks=["active"], split="random", fractions=(0.6, 0.2, 0.2))


@pytest.fixture(scope="module")
def config(data):
    return network_config(data.labelled, d_h=32, depth=2)


def test_the_card_states_the_data_and_the_test_metric(data, config):
    seen: list[int] = []
    model = train(data, config, SETTINGS, name="m", description="small", on_epoch=lambda e: seen.append(e.epoch)).model
    assert (model.card.name, model.card.description, seen) == ("m", "small", [1, 2])
    assert model.card.training["dataset_sha256"] == data.labelled.sha256
    test = data.labelled.subset(data.split.test)
    expected = roc_auc(test.labels[:, 0], Engine(model.network).scores(test.graphs)[:, 0])
    assert model.card.metrics["test_roc_auc"]["value"] == pytest.approx(expected)


def test_the_float_model_is_shown_before_integers_learn(data, config):
    heard, shown = Heard(), []
    training = train(
        data, config, SETTINGS, name="m", qat="w2a8", qat_epochs=1, progress=heard,
        on_float=lambda model: shown.append((model.content_hash, list(heard.stages))),
    )  # fmt: skip
    assert shown == [(training.model.content_hash, ["train"])]
    assert heard.stages == ["train", "calibration set", "quantize", "quantization-aware training"]
    made = training.quantized
    assert made.card.provenance["quantized_from"]["content_hash"] == training.model.content_hash
    assert tuning_of(made.card) == training.tuning
    test = data.labelled.subset(data.split.test)
    expected = roc_auc(test.labels[:, 0], Engine(made.network).scores(test.graphs)[:, 0])
    assert made.card.metrics["test_roc_auc"]["value"] == pytest.approx(expected)


def test_a_column_gives_the_split(folder, data, tmp_path):
    lines = (folder / "table.csv").read_text().splitlines()
    sides = ["side", *("test" if i % 4 == 0 else "train" for i in range(len(lines) - 1))]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(f"{line},{side}" for line, side in zip(lines, sides, strict=True)) + "\n")
    split = training_data(str(path), tasks=["active"], split_column="side").split
    assert np.array_equal(split.test, np.arange(0, 160, 4))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"data": "nowhere"}, "neither a file nor a registered"),
        ({"data": "bace", "tasks": ["pIC"]}, "no task 'pIC'"),
        ({"data": "bace", "split_column": "Model"}, "`split_column` needs a table"),
    ],
)
def test_what_cannot_be_trained_on_is_said(parameters, message):
    with pytest.raises(InputError) as failure:
        training_data(**parameters)
    assert message in str(failure.value)


def test_a_scheme_without_integers_is_refused_before_training(data, config):
    heard = Heard()
    with pytest.raises(InputError, match="no integer weights"):
        train(data, config, SETTINGS, name="m", qat="fp16", progress=heard)
    assert not heard.stages
