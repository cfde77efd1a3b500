"""Every activation that chemprop can train with gives chemprop's scores, or is refused by name."""

import math

import msgspec
import numpy as np
import pytest
import torch
from chemprop import data, models, nn
from chemprop.nn.message_passing import AtomMessagePassing
from chemprop_networks import checkpoint, network, refused
from molecules import DRUGS
from rdkit import Chem
from torch.nn.modules import activation as torchs

from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint
from molq.interop.chemprop_activation import stated_activation
from molq.interop.inert import Global, Instance
from molq.nn.activation import ActivationSettings

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning")
UNSET = msgspec.UNSET
NOT_ELEMENTWISE = {"GLU", "MultiheadAttention", "Softmax", "Softmax2d", "Softmin", "LogSoftmax"}
OTHER = [
    torchs.GELU("tanh"),
    torchs.CELU(0.5),
    torchs.Softplus(2, 5),
    torchs.ELU(0.5, inplace=True),
    torchs.LeakyReLU(0.3),
    torchs.PReLU(24, 0.4),
    torchs.Hardtanh(-0.1, 0.3),
    torchs.SiLU(inplace=True),
    torchs.Softshrink(0.125),
    torchs.Threshold(0.05, -0.2),
    torch.nn.Identity(),
]
GRAPHS = featurize(DRUGS).graphs


@pytest.fixture(scope="module")
def batch():
    from chemprop import featurizers

    featurizer = featurizers.SimpleMoleculeMolGraphFeaturizer()
    return data.BatchMolGraph([featurizer(Chem.MolFromSmiles(smiles)) for smiles in DRUGS])


def usual(name):
    return torchs.Threshold(0.1, 0.2) if name == "Threshold" else getattr(torchs, name)()


ALL = [usual(name) for name in sorted(set(torchs.__all__) - NOT_ELEMENTWISE)] + OTHER


@pytest.mark.parametrize("module", ALL, ids=repr)
def test_scores_equal_chemprops(module, batch, tmp_path):
    passing = AtomMessagePassing if isinstance(module, torchs.Softplus) else nn.BondMessagePassing
    model = network(activation=module, ffn_activation=module, ffn_hidden=24, agg="mean", passing=passing, bias=True)
    with torch.no_grad():
        for parameter in model.parameters():  # large enough to reach every part of an activation
            parameter.mul_(3 if parameter.ndim == 2 else 1)
    models.save_model(tmp_path / "model.pt", model)
    with torch.inference_mode():
        expected = model(batch).numpy()
    assert np.ptp(expected, axis=0).min() > 1e-3
    predictor = read_checkpoint(tmp_path / "model.pt").predictor
    assert np.abs(Engine(predictor).scores(GRAPHS) - expected).max() < 1e-5 * np.ptp(expected, axis=0).min()


def module_of(name, **state):
    return Instance(Global("torch.nn.modules.activation", name), (), state)


@pytest.mark.parametrize(
    ("value", "name", "settings"),
    [
        ("relu", "relu", UNSET),
        (Instance(Global("chemprop.nn.utils", "Activation"), ("LEAKYRELU",)), "leakyrelu", UNSET),
        (module_of("LeakyReLU", negative_slope=0.1), "leakyrelu", UNSET),
        (module_of("LeakyReLU", negative_slope=0.01), "leakyrelu", ActivationSettings(negative_slope=0.01)),
        (module_of("RReLU", lower=0.1, upper=0.3), "leakyrelu", ActivationSettings(negative_slope=0.2)),
        (module_of("PReLU", num_parameters=7), "prelu", ActivationSettings(num_parameters=7)),
        (module_of("ELU", alpha=2), "elu", ActivationSettings(alpha=2.0)),
        (module_of("GELU"), "gelu", UNSET),
        (module_of("GELU", approximate="tanh"), "gelu_tanh", UNSET),
        (Instance(Global("torch.nn.modules.linear", "Identity"), ()), "identity", UNSET),
    ],
)
def test_the_name_and_the_numbers_are_taken(value, name, settings):
    assert stated_activation(value) == (name, settings, False)


def test_working_in_place_is_told():
    assert stated_activation(module_of("SiLU", inplace=True)).in_place
    assert not stated_activation(module_of("SiLU", inplace=False)).in_place


@pytest.mark.parametrize("name", sorted(NOT_ELEMENTWISE))
def test_what_looks_at_all_channels_is_refused_by_name(name):
    with pytest.raises(CheckpointError, match=f"its activation is {name}, which looks at all channels at once"):
        stated_activation(module_of(name, dim=1))


def test_a_trained_softmax_is_refused_by_name(tmp_path):
    refused(tmp_path / "softmax.pt", checkpoint(network(activation=torchs.Softmax(1))), "Softmax, which looks at all")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (module_of("LeakyReLU"), "states no negative_slope that is a number"),
        (module_of("ELU", alpha=True), "states no alpha"),
        (module_of("ELU", alpha=((),)), "states no alpha"),
        (module_of("Swish"), "Swish is none that molq knows"),
        ("softplus", "'softplus', and chemprop knows relu, .* by name"),
        ("x" * 10_000, "chemprop knows"),
        (Instance(Global("chemprop.nn.utils", "Activation"), ()), "neither a name nor"),
        (Instance(Global("torch.nn.modules.linear", "Linear"), ()), "neither a name nor"),
        (True, "neither a name nor"),
        (None, "neither a name nor"),
    ],
)
def test_what_states_no_activation_is_refused(value, words):
    with pytest.raises(CheckpointError, match=words) as caught:
        stated_activation(value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("alpha", [math.nan, math.inf, 2**62])
def test_numbers_without_end_are_refused(tmp_path, alpha):
    refused(tmp_path / "elu.pt", checkpoint(network(activation=torchs.ELU(alpha))), "alpha")
