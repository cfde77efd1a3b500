from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.chem.packed import empty_graphs, slice_graphs, take
from molq.engine.product import FloatProduct, Product
from molq.engine.torch_plan import TorchPlan
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors
from molq.quant.layers import matrix_layers

GRAPHS = featurize(DRUGS).graphs


@pytest.mark.parametrize("scheme", ["fp32", "int8", "w4a8"])
@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_outputs_are_those_of_the_forward(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    with torch.no_grad():
        logits = made(to_tensors(GRAPHS, config.feature_set))
        expected = made.activate(logits).numpy()
    found = TorchPlan(made).outputs(GRAPHS)
    if scheme == "fp32":
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)
    else:  # a value on the edge between two codes may round either way
        assert np.quantile(np.abs(found - expected), 0.75) < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("config", [VARIETY[2], VARIETY[9]], ids=named)
def test_a_molecule_may_stand_anywhere(config: PredictorConfig) -> None:
    plan = TorchPlan(network(config))
    together = plan.outputs(GRAPHS)
    for i in range(GRAPHS.n_mols):
        assert np.array_equal(plan.outputs(slice_graphs(GRAPHS, i, i + 1))[0], together[i])
        last = np.array([*[j for j in range(GRAPHS.n_mols) if j != i], i])
        assert np.array_equal(plan.outputs(take(GRAPHS, last))[-1], together[i])


def test_every_product_of_every_site_is_run_by_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    made = network(VARIETY[9])
    applied: set[int] = set()
    real = FloatProduct.apply

    def apply(self: Product, x: np.ndarray, out: np.ndarray) -> None:
        applied.add(id(self))
        real(self, x, out)

    monkeypatch.setattr(FloatProduct, "apply", apply)
    plan = TorchPlan(made)
    plan.outputs(GRAPHS)
    assert len(applied) == sum(layer.sites for layer in matrix_layers(made).values())
    assert not matrix_layers(plan._predictor)
    assert matrix_layers(made)


def test_threads_are_given_back_whatever_happens() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        plan = TorchPlan(network(VARIETY[9]))
        assert plan.outputs(empty_graphs()).shape == (0, 2)
        plan.outputs(GRAPHS)
        assert torch.get_num_threads() == 2
        plan._predictor = None  # type: ignore[assignment]
        with pytest.raises(AttributeError):
            plan.outputs(GRAPHS)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
