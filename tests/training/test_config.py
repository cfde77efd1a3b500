import json

import pytest

from molq.errors import InputError
from molq.training.config import TrainConfig


def test_round_trip():
    config = TrainConfig(epochs=3, patience=2, grad_clip=1.5, class_balance=True)
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"n_members": 0},
        {"n_threads": 0},
        {"warmup_epochs": -1},
        {"seed": -1},
        {"max_lr": 0.0},
        {"final_lr": float("nan")},
        {"patience": 0},
        {"grad_clip": 0.0},
        {"monitor": "luck"},
    ],
)
def test_wrong_settings_are_named(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        TrainConfig(**wrong)


def test_unknown_settings_are_refused():
    with pytest.raises(InputError, match="momentum"):
        TrainConfig.from_dict({"momentum": 0.9})
