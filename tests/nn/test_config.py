from __future__ import annotations

import pytest
from msgspec.structs import replace
from variety import VARIETY, named

from molq.chem.recipe import PLAIN, Recipe
from molq.errors import InputError, UnsupportedError
from molq.nn.activation import ActivationSettings
from molq.nn.config import ARCHITECTURES, PredictorConfig, default_config
from molq.serial import from_builtins, from_json, to_builtins, to_json


@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_a_configuration_survives_json(config: PredictorConfig) -> None:
    assert from_json(to_json(config), PredictorConfig, "here") == config


def test_the_plain_recipe_is_left_out_and_any_other_kept() -> None:
    usual = default_config("dmpnn", ("a",), "classification")
    assert replace(usual, recipe=PLAIN) == usual
    assert "recipe" not in to_builtins(replace(usual, recipe=PLAIN))
    assert from_builtins({**to_builtins(usual), "recipe": {}}, PredictorConfig, "here") == usual
    other = replace(usual, recipe=Recipe(hydrogens="explicit"))
    assert to_builtins(other)["recipe"] == {"hydrogens": "explicit"}
    assert from_json(to_json(other), PredictorConfig, "here") == other
    with pytest.raises(InputError, match=r"`\$.recipe.hydrogens`"):
        from_builtins({**to_builtins(usual), "recipe": {"hydrogens": "many"}}, PredictorConfig, "here")


def test_what_is_no_configuration_is_refused() -> None:
    config = default_config("dmpnn", ("a", "b"), "classification", head_hidden=(10, 20))
    for changes, words in (
        ({"colour": 1}, "unknown field `colour`"),
        ({"d_h": "300"}, r"Expected `int`, got `str` - at `\$.d_h`"),
        ({"d_h": True}, r"`\$.d_h`"),
        ({"tasks": ["a", 3]}, r"`\$.tasks\[1\]`"),
        ({"d_h": 0}, "`d_h` is 0; it must lie between"),
    ):
        with pytest.raises(InputError, match=words):
            from_builtins({**to_builtins(config), **changes}, PredictorConfig, "here")
    with pytest.raises(InputError, match="missing required field `tasks`"):
        from_builtins({"architecture": "dmpnn"}, PredictorConfig, "here")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architecture": "transformer"}, "architecture must be one of dmpnn, ampnn, gine, attentivefp"),
        ({"kind": "ranking"}, "kind"),
        ({"feature_set": "V3"}, "feature_set"),
        ({"activation": "swish"}, "^activation must be one of relu"),
        ({"head_activation": "swish"}, "^head_activation must be one of relu"),
        ({"activation_settings": ActivationSettings(alpha=1.0)}, "activation_settings states alpha, and relu takes no"),
        ({"head_activation_settings": ActivationSettings(beta=1.0)}, "head_activation_settings states beta"),
        (
            {"activation": "prelu", "activation_settings": ActivationSettings(num_parameters=7)},
            "a PReLU of 7 slopes does not fit a layer of 32 channels",
        ),
        (
            {"head_activation": "prelu", "head_activation_settings": ActivationSettings(num_parameters=32)},
            "a PReLU of 32 slopes does not fit a layer of 300 channels",
        ),
        ({"readout": "max"}, "readout"),
        ({"tasks": ()}, "no task"),
        ({"tasks": ("a", "a")}, "`tasks` names 'a' twice"),
        ({"tasks": ("a\nb",)}, "cannot be written to every output"),
        ({"d_h": 0}, "`d_h` is 0; it must lie between 1 and 10,000"),
        ({"d_h": 10_001}, "d_h"),
        ({"depth": 0}, "depth"),
        ({"depth": 3000}, "depth"),
        ({"n_timesteps": 0}, "n_timesteps"),
        ({"n_timesteps": 50_000}, "n_timesteps"),
        ({"head_hidden": (1,) * 5000}, "head_hidden must hold at most 100 widths"),
        ({"d_h": 10_000, "depth": 11}, "1,100,000,000 multiplications for each bond, and 1,000,000,000 are the most"),
        ({"head_hidden": (40_000, 40_000)}, "multiplications"),
        ({"head_hidden": (300, 0)}, "head_hidden"),
        ({"head_hidden": (100_001,)}, "head_hidden"),
        ({"dropout": 1.0}, "`dropout` is 1.0; it must lie between 0 and 0.999"),
        ({"dropout": -0.1}, "dropout"),
        ({"dropout": float("nan")}, "dropout"),
        ({"readout_norm": 0.0}, "readout_norm must be positive"),
        ({"readout_norm": float("nan")}, "readout_norm"),
        ({"readout_norm": float("inf")}, "readout_norm"),
    ],
)
def test_values_outside_their_limits_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replace(VARIETY[0], **changes)


def test_the_limits_themselves_are_allowed() -> None:
    made = replace(VARIETY[0], d_h=1, depth=100, n_timesteps=1, dropout=0.0, head_hidden=(1, 100_000))
    assert replace(made, readout_norm=0.5).readout_norm == 0.5
    assert (made.depth, made.n_products) == (100, 100_000 * (1 + len(made.tasks)) + 1)


def test_settings_of_an_activation_are_written_only_where_there_are_any() -> None:
    plain = default_config("dmpnn", ("a",), "classification", activation="prelu", d_h=7)
    assert b"settings" not in to_json(plain)
    made = replace(plain, activation_settings=ActivationSettings(num_parameters=7))
    assert from_json(to_json(made), PredictorConfig, "here") == made
    assert to_builtins(made)["activation_settings"] == {"num_parameters": 7}
    with pytest.raises(InputError, match="unknown field `slope`"):
        from_builtins({**to_builtins(made), "activation_settings": {"slope": 1.0}}, PredictorConfig, "here")


def test_a_superatom_belongs_to_attentivefp_alone() -> None:
    for architecture, readout in (("dmpnn", "superatom"), ("attentivefp", "mean")):
        with pytest.raises(UnsupportedError, match=f"'{readout}' does not go with architecture '{architecture}'"):
            default_config(architecture, ("a",), "classification", readout=readout)


def test_padding_needs_biases_and_messages_that_chemprop_1_has() -> None:
    def padded(architecture: str, degree: int = 4, **changes: object) -> PredictorConfig:
        return default_config(architecture, ("a",), "classification", **{"bias": True, **changes}, padded_degree=degree)

    assert padded("dmpnn", undirected=True).padded_degree == padded("ampnn").padded_degree == 4
    for wrong in ({"architecture": "gine"}, {"architecture": "dmpnn", "bias": False}):
        with pytest.raises(UnsupportedError, match="with biases, which alone fill a padding edge"):
            padded(**wrong)
    with pytest.raises(UnsupportedError, match="does not go with undirected messages along atoms"):
        padded("ampnn", undirected=True)
    for degree in (0, 101):
        with pytest.raises(InputError, match=f"padded_degree must lie between 1 and 100, not {degree}"):
            padded("dmpnn", degree)


def test_defaults_are_those_of_each_architectures_source() -> None:
    made = {name: default_config(name, ("a",), "classification") for name in ARCHITECTURES}
    assert {name: (c.d_h, c.depth, c.readout, c.head_hidden) for name, c in made.items()} == {
        "dmpnn": (300, 3, "norm", (300,)),
        "ampnn": (300, 3, "norm", (300,)),
        "gine": (300, 5, "mean", (300,)),
        "attentivefp": (200, 2, "superatom", ()),
    }
    assert [name for name, config in made.items() if config.batch_norm] == ["gine"]
    assert default_config("gine", ("a",), "classification", depth=2).depth == 2
