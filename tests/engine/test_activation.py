"""Every activation of a predictor, with usual numbers and others, is the kernel's code that gives torch's numbers."""

from __future__ import annotations

import copy

import msgspec
import numpy as np
import pytest
import torch
from molecules import DRUGS
from msgspec.structs import replace
from torch import nn
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.engine import activation_kernels, kernels
from molq.engine.activation import lower_activation, rises
from molq.engine.engine import Engine
from molq.engine.outputs import scores_of
from molq.engine.torch_plan import TorchPlan
from molq.nn.activation import ACTIVATIONS, ActivationSettings, Settings, activation
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import SCHEMES

X = np.concatenate([np.linspace(-30, 30, 61), np.linspace(-1, 1, 41), [1e-6, -1e-6, 1e-30, -200, 200]])
X = X.astype(np.float32)
OTHER = {
    "leakyrelu": ActivationSettings(negative_slope=0.01),
    "prelu": ActivationSettings(num_parameters=32),
    "elu": ActivationSettings(alpha=0.5),
    "celu": ActivationSettings(alpha=0.7),
    "softplus": ActivationSettings(beta=2.5, threshold=4.0),
    "hardtanh": ActivationSettings(min_val=-0.2, max_val=3.5),
    "hardshrink": ActivationSettings(lambd=0.0625),
    "softshrink": ActivationSettings(lambd=0.0625),
    "threshold": ActivationSettings(threshold=0.125, value=-0.375),
}
CASES: list[tuple[str, Settings]] = [*((name, msgspec.UNSET) for name in ACTIVATIONS), *OTHER.items()]
GRAPHS = featurize(DRUGS).graphs


def case_id(value: object) -> str:
    return value if isinstance(value, str) else "usual" if value is msgspec.UNSET else "other"


@pytest.mark.parametrize(("name", "settings"), [case for case in CASES if case[0] != "prelu"], ids=case_id)
def test_a_lowered_activation_gives_torchs_numbers(name: str, settings: Settings) -> None:
    module = activation(name, settings)
    row, x = X.copy(), torch.from_numpy(X)
    activation_kernels.activate(row, *lower_activation(module))
    np.testing.assert_allclose(row, module(x.double()).numpy(), rtol=2e-6, atol=5e-7)


@pytest.mark.parametrize("n", [1, 5])
def test_the_learned_slopes_of_prelu_are_taken(n: int) -> None:
    module = activation("prelu", ActivationSettings(num_parameters=n))
    with torch.no_grad():
        module.weight.copy_(torch.arange(n) + 0.625)
    rows = torch.tensor([[-2.0, 3.0, -1.0, 0.0, -4.0], [1.0, -1.0, 1.0, -1.0, -8.0]])
    for row in rows:
        found = row.numpy().copy()
        activation_kernels.activate(found, *lower_activation(module))
        assert np.array_equal(found, module(row[None])[0].detach().numpy())


def config_of(name: str, settings: Settings) -> PredictorConfig:
    """A small D-MPNN with that activation everywhere, its residual activated, so that all places of it are run."""
    return replace(
        VARIETY[0],
        kind="regression",
        activation=name,
        activation_settings=settings,
        head_activation=name,
        head_activation_settings=settings,
        head_hidden=(32,),
        activated_residual=True,
        bias=True,
        readout="mean",
    )


def bold_network(config: PredictorConfig) -> Predictor:
    """A network whose numbers are large enough to reach every part of an activation."""
    made = copy.deepcopy(network(config))
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim == 2:
                parameter.mul_(4)
    return made


@pytest.mark.parametrize(("name", "settings"), CASES, ids=case_id)
def test_the_float_model_and_the_quantized_one_are_executed_as_torch_computes_them(
    name: str, settings: Settings
) -> None:
    config = config_of(name, settings)
    made = bold_network(config)
    with torch.no_grad():
        expected = made.activate(made(to_tensors(GRAPHS, config.feature_set))).numpy()
    spread = np.ptp(expected, axis=0)
    assert spread.min() > 0
    float_scores = Engine(made).scores(GRAPHS)
    assert (np.abs(float_scores - expected) <= 1e-5 * spread + 2e-6 * np.abs(expected)).all()
    for scheme in ("int8", "w4a8"):
        quantized = quantize(made, SCHEMES[scheme], [GRAPHS])
        executed = Engine(quantized).scores(GRAPHS)
        reference = scores_of([TorchPlan(quantized).outputs(GRAPHS)], quantized.outputs)
        lost = np.abs(executed - float_scores).max(0)
        # a value on the edge between two codes may round either way, which moves a score by less than the scheme itself
        assert (np.abs(executed - reference).max(0) <= 0.5 * lost + 1e-6 * np.abs(expected).max(0)).all()
        assert (lost < {"int8": 0.1, "w4a8": 0.5}[scheme] * spread).all()


def test_an_activation_that_is_said_to_rise_never_falls() -> None:
    x = np.linspace(-8, 8, 4001, dtype=np.float32)
    rising = (nn.ReLU(), nn.LeakyReLU(), nn.ELU(), nn.SELU(), nn.Tanh(), nn.Softplus(), nn.Hardtanh(), nn.Softsign())
    for module in (*rising, nn.Tanhshrink(), nn.LeakyReLU(-0.1), nn.GELU(), nn.SiLU(), nn.Mish(), nn.Hardswish()):
        lowered = lower_activation(module)
        y = x[None].copy()
        kernels.activate_rows(y, *lowered)
        assert rises(lowered) == bool((np.diff(y[0]) >= -1e-6).all()), module
