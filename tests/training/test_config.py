import pytest

from molq.errors import InputError
from molq.serial import from_builtins, from_json, to_json
from molq.training.config import PARAMETERS, TrainConfig


def test_round_trip():
    config = TrainConfig(epochs=3, patience=2, grad_clip=1.5, class_balance=True)
    assert from_json(to_json(config), TrainConfig, "here") == config


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
    (name,) = wrong
    with pytest.raises(InputError, match=f"`{PARAMETERS.get(name, name)}`"):
        TrainConfig(**wrong)


def test_unknown_settings_are_refused():
    with pytest.raises(InputError, match="momentum"):
        from_json("""{"momentum": 0.9}""", TrainConfig, "here")


@pytest.mark.parametrize("wrong", [{"epochs": 1.5}, {"epochs": "3"}, {"patience": True}, {"monitor": None}])
def test_settings_of_another_type_are_refused_with_their_place(wrong):
    with pytest.raises(InputError, match=rf"here: .*`\$\.{next(iter(wrong))}`"):
        from_builtins(wrong, TrainConfig, "here")


def test_wrong_settings_are_named_when_they_are_read_too():
    with pytest.raises(InputError, match="`epochs` is 0; it must lie between"):
        from_builtins({"epochs": 0}, TrainConfig, "here")
