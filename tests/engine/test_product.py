"""Every product against plain NumPy on the stored bytes: exact integers, and their rescaling."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.engine import product
from molq.engine.engine import Engine
from molq.engine.matmul import IntWeight
from molq.engine.product import DynamicProduct, FloatProduct, StaticProduct, lower_layer, table_weight
from molq.engine.scratch import Scratch
from molq.nn.config import PredictorConfig
from molq.nn.linear import Linear
from molq.quant.layers import IntLinear, matrix_layers

GRAPHS = featurize(DRUGS).graphs
ROWS = np.random.default_rng(0).normal(0, 1.5, (70, 32)).astype(np.float32)


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


def applied(made: product.Product, rows: np.ndarray) -> np.ndarray:
    out = np.full((len(rows), made.n), np.nan, np.float32)
    made.apply(rows, out)
    return out


@pytest.mark.parametrize("scheme", ["int8", "w4a8", "w3a8", "w2a8"])
@pytest.mark.parametrize("site", [0, 2])
def test_a_static_product_is_the_integers_of_its_site(scheme: str, site: int) -> None:
    layer = network(VARIETY[5], scheme).encoder.W_h
    made = lower_layer(layer, site, Scratch())
    assert isinstance(made, StaticProduct)
    scale, zero = layer.input_scale[site].numpy(), int(layer.input_zero[site])
    q = np.clip(np.rint(ROWS * (1 / scale)) + zero, 0, 255).astype(np.int64)
    totals = np.empty((len(ROWS), layer.out_features), np.int32)
    made.totals(q.astype(np.uint8), totals)
    expected = (q - zero) @ stored_integers(layer).T
    assert np.array_equal(totals, expected)
    assert np.array_equal(applied(made, ROWS), expected.astype(np.float32) * (scale * layer.weight_scale.numpy()))


def test_the_zero_point_of_a_range_below_zero_is_taken_out() -> None:
    layer = network(VARIETY[2], "int8").encoder.W_h  # tanh: half of the inputs are negative
    assert 0 < layer.input_zero[0] < 255
    rows = np.tanh(np.random.default_rng(1).normal(size=(9, 33))).astype(np.float32)
    scale, zero = layer.input_scale[0].numpy(), int(layer.input_zero[0])
    q = np.clip(np.rint(rows * (1 / scale)) + zero, 0, 255).astype(np.int64)
    expected = ((q - zero) @ stored_integers(layer).T).astype(np.float32) * (scale * layer.weight_scale.numpy())
    assert np.array_equal(applied(lower_layer(layer, 0, Scratch()), rows), expected)


@pytest.mark.parametrize("scheme", ["int8-dynamic", "int8"])
def test_a_dynamic_product_takes_the_range_of_every_row(scheme: str) -> None:
    layer = network(VARIETY[0], scheme).head.layers[0]
    made = lower_layer(layer, 0, Scratch())
    assert isinstance(made, DynamicProduct)
    rows = np.concatenate([ROWS, 1000 * ROWS[:1], np.zeros((1, 32), np.float32)])
    low, high = np.minimum(rows.min(1), 0), np.maximum(rows.max(1), 0)
    scale = np.where(high > low, (high - low) / np.float32(255), np.float32(1))
    zero = np.rint(-low / scale).astype(np.int64)
    q = np.clip(np.rint(rows * (1 / scale)[:, None]) + zero[:, None], 0, 255).astype(np.int64)
    total = (q - zero[:, None]) @ stored_integers(layer).T
    expected = total.astype(np.float32) * (scale[:, None] * layer.weight_scale.numpy())
    assert np.array_equal(applied(made, rows), expected)


@pytest.mark.parametrize("scheme", ["fp32", "fp16", "int8-weight-only", "w4a16"])
def test_a_float_product_multiplies_what_is_stored(scheme: str) -> None:
    layer = network(VARIETY[0], scheme).encoder.W_h
    made = lower_layer(layer, 0, Scratch())
    assert isinstance(made, FloatProduct)
    if isinstance(layer, IntLinear):
        weight = stored_integers(layer) * layer.weight_scale.numpy().astype(np.float64)[:, None]
    else:
        weight = layer.weight.detach().double().numpy()
    np.testing.assert_allclose(applied(made, ROWS), ROWS.astype(np.float64) @ weight.T, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("in_hardware", [True, False])
def test_bf16_rounds_the_input_with_hardware_or_without(in_hardware: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "has_bf16", lambda: in_hardware)
    layer = network(VARIETY[0], "bf16").encoder.W_h
    made = lower_layer(layer, 0, Scratch())
    rounded = torch.from_numpy(ROWS).bfloat16().double().numpy()
    exact = rounded @ layer.weight.double().numpy().T
    found = applied(made, ROWS)
    last_bit = 2**-8 if in_hardware else 1e-6
    np.testing.assert_allclose(found, exact, rtol=last_bit, atol=1e-5)
    assert np.array_equal(found, torch.from_numpy(found).bfloat16().float().numpy()) is in_hardware
    table = network(VARIETY[0], "bf16").encoder.W_i_atom
    assert lower_layer(table, 0, Scratch()).dtype is torch.float32


def test_the_bias_is_kept_beside_the_product() -> None:
    with_bias, without = network(VARIETY[0]).head.layers[0], network(VARIETY[0]).encoder.W_h
    for scheme in ("fp32", "int8"):
        layer = network(VARIETY[0], scheme).head.layers[0]
        assert np.array_equal(lower_layer(layer, 0, Scratch()).bias, with_bias.bias.detach().numpy())
    assert not lower_layer(without, 0, Scratch()).bias.any()
    assert not applied(lower_layer(with_bias, 0, Scratch()), np.zeros((2, 32), np.float32)).any()


def test_the_weight_of_a_table_is_what_is_stored_in_float64() -> None:
    for scheme in ("fp32", "bf16", "w4a8"):
        layer = network(VARIETY[0], scheme).encoder.W_o_atom
        weight, bias = table_weight(layer)
        assert weight.dtype == bias.dtype == np.float64
        x = torch.eye(72)
        np.testing.assert_allclose((weight + bias[:, None]).T, layer(x).detach().numpy(), rtol=1e-6, atol=1e-7)
    without = Linear(72, 5, False, "table")
    assert np.array_equal(table_weight(without)[1], np.zeros(5))


@pytest.mark.parametrize("scheme", ["int8", "w4a8", "w3a8", "w2a8"])
@pytest.mark.parametrize("config", [c for c in VARIETY if c.architecture != "attentivefp"], ids=named)
def test_integers_equal_numpy_on_every_layer(
    config: PredictorConfig, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = network(config, scheme)
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
