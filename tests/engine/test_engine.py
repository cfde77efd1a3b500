"""The executed model: exact integers, the same bits for a molecule in any company, and the reference's numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY

from molq.chem.featurize import featurize
from molq.chem.packed import empty_graphs, slice_graphs, take
from molq.engine.engine import Engine
from molq.engine.matmul import IntWeight
from molq.engine.torch_plan import TorchPlan
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Ensemble
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.layers import IntLinear, matrix_layers
from molq.quant.scheme import SCHEMES

GRAPHS = featurize(DRUGS * 3).graphs
EXECUTED = sorted(set(SCHEMES) - {"w3a8", "w2a8"})  # those run as w4a8 does, on other integers


def model(config: PredictorConfig, scheme: str) -> Predictor:
    torch.manual_seed(3)
    predictor = Predictor(config).eval()
    with torch.no_grad():
        for parameter in predictor.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
        predictor.output_mean.normal_()
        predictor.output_scale.uniform_(0.5, 2.0)
    return quantize(predictor, SCHEMES[scheme], [GRAPHS])


@pytest.mark.parametrize("scheme", EXECUTED)
@pytest.mark.parametrize("config", VARIETY, ids=str)
def test_a_score_never_depends_on_batch_mates(config: PredictorConfig, scheme: str) -> None:
    made = model(config, scheme)
    engine = Engine(made)
    together = engine.scores(GRAPHS)
    order = np.random.default_rng(0).permutation(GRAPHS.n_mols)
    assert np.array_equal(engine.scores(take(GRAPHS, order)), together[order])
    alone = np.concatenate([Engine(made).scores(slice_graphs(GRAPHS, i, i + 1)) for i in range(len(DRUGS))])
    assert np.array_equal(alone, together[: len(DRUGS)])


@pytest.mark.parametrize("scheme", ["fp32", "fp16"])
@pytest.mark.parametrize("config", VARIETY, ids=str)
def test_float_schemes_equal_the_module(config: PredictorConfig, scheme: str) -> None:
    made = model(config, scheme)
    with torch.no_grad():
        expected = made.activate(made(to_tensors(GRAPHS, config.feature_set))).numpy()
    np.testing.assert_allclose(Engine(made).scores(GRAPHS), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("scheme", sorted(set(EXECUTED) - {"fp32", "fp16"}))
@pytest.mark.parametrize("config", VARIETY, ids=str)
def test_plans_agree_with_the_forward_in_torch_to_float_rounding(config: PredictorConfig, scheme: str) -> None:
    made = model(config, scheme)
    executed, reference = Engine(made).scores(GRAPHS), TorchPlan(made).scores(GRAPHS)
    float_scores = Engine(model(config, "fp32")).scores(GRAPHS)
    # a value on the edge between two codes may round either way, which moves a score by less than the scheme itself
    assert np.abs(executed - reference).max() <= 0.5 * np.abs(executed - float_scores).max() + 1e-6


@pytest.mark.parametrize("scheme", ["int8", "w4a8", "w3a8", "w2a8"])
@pytest.mark.parametrize("config", [c for c in VARIETY if c.architecture != "attentivefp"], ids=str)
def test_integers_equal_numpy_on_every_layer(
    config: PredictorConfig, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = model(config, scheme)
    stored = [stored_integers(layer) for layer in matrix_layers(made).values() if isinstance(layer, IntLinear)]
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    weights: dict[int, np.ndarray] = {}
    real_init, real_multiply = IntWeight.__init__, IntWeight.multiply

    def init(self: IntWeight, weight: torch.Tensor) -> None:
        real_init(self, weight)
        weights[id(self)] = next(w for w in stored if np.array_equal(w, weight.numpy()))

    def multiply(self: IntWeight, q: torch.Tensor, out: torch.Tensor) -> None:
        real_multiply(self, q, out)
        seen.append((q.numpy().astype(np.int64) @ weights[id(self)].T, out.numpy().copy()))

    monkeypatch.setattr(IntWeight, "__init__", init)
    monkeypatch.setattr(IntWeight, "multiply", multiply)
    Engine(made).scores(GRAPHS)
    layers = matrix_layers(made).values()
    assert len(seen) >= sum(layer.sites for layer in layers if getattr(layer, "activations", None) == "static")
    for expected, executed in seen:
        assert np.array_equal(expected, executed)


def stored_integers(layer: IntLinear) -> np.ndarray:
    """The integer weights [N, K], put together from the stored bytes in plain NumPy."""
    stored = layer.weight.numpy().astype(np.int64)
    if layer.weights == "int8":
        return stored
    bits = int(layer.weights.removeprefix("int"))
    rows = [int.from_bytes(row.tobytes(), "little") for row in layer.weight.numpy()]
    digits = np.array([[row >> bits * j & (2**bits - 1) for j in range(layer.in_features)] for row in rows])
    codes = np.where(digits >= 2 ** (bits - 1), digits - 2**bits, digits)
    group = np.arange(layer.in_features) // layer.group
    return codes * layer.multiplier.numpy().astype(np.int64)[:, group]


def test_an_ensemble_scores_the_mean_of_its_members() -> None:
    members = [model(VARIETY[0], "int8"), model(VARIETY[5], "int8")]
    torch.manual_seed(9)
    mean = np.mean([Engine(m).scores(GRAPHS).astype(np.float64) for m in members], axis=0)
    assert np.array_equal(Engine(Ensemble(members)).scores(GRAPHS), mean.astype(np.float32))


def test_no_molecules_no_scores() -> None:
    for config in VARIETY:
        assert Engine(model(config, "int8")).scores(empty_graphs()).shape == (0, 2)


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
@pytest.mark.parametrize("config", [VARIETY[0], VARIETY[5], VARIETY[7]], ids=str)
def test_scores_do_not_depend_on_what_was_seen_or_forgotten(config: PredictorConfig, scheme: str) -> None:
    made = model(config, scheme)
    expected = Engine(made).scores(GRAPHS)
    forgetful = Engine(made)
    (environments,) = forgetful._environments.values()
    environments.capacity = 1
    for start in (20, 0, 7):
        part = slice_graphs(GRAPHS, start, start + 9)
        assert np.array_equal(forgetful.scores(part), expected[start : start + 9])
