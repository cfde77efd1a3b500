"""Quantized layers against their arithmetic in plain NumPy, and made anew from what is stored."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.errors import InputError, UnsupportedError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Ensemble
from molq.nn.graph import to_tensors
from molq.nn.linear import Linear
from molq.quant.layers import (
    HalfLinear,
    IntLinear,
    LayerSpec,
    build,
    dequantized,
    layer_specs,
    layer_table,
    matrix_layers,
)
from molq.quant.weights import channel_grid, group_grid

X = torch.from_numpy(np.random.default_rng(0).normal(size=(12, 30)).astype(np.float32))


def linear(role: str = "message", sites: int = 1, bias: bool = True) -> Linear:
    torch.manual_seed(0)
    return Linear(30, 7, bias, role, sites=sites)


@pytest.mark.parametrize("bits", [8, 4, 3, 2])
def test_an_integer_layer_holds_the_codes_it_was_given(bits: int) -> None:
    layer = linear()
    grid = channel_grid(layer.weight.detach()) if bits == 8 else group_grid(layer.weight.detach(), bits)
    codes = grid.nearest(layer.weight)
    made = IntLinear.from_linear(layer, grid, codes, None)
    values = (codes.double() * grid.step).float()
    torch.testing.assert_close(made.integers().float() * made.weight_scale[:, None], values)
    assert made.integers().dtype == torch.int8
    assert torch.equal(made.bias, layer.bias)
    expected = X.double() @ values.double().T + layer.bias.double()
    torch.testing.assert_close(made(X).double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_static_inputs_are_codes_of_their_sites_range(bias: bool) -> None:
    layer = linear(sites=2, bias=bias)
    grid = channel_grid(layer.weight.detach())
    codes = grid.nearest(layer.weight)
    made = IntLinear.from_linear(layer, grid, codes, "static", [(-1.0, 2.0), (0.0, 0.5)])
    for site, (low, high) in enumerate([(-1.0, 2.0), (0.0, 0.5)]):
        scale = np.float32((high - low) / 255)
        zero = round(-low / float(scale))
        q = np.clip(np.rint(X.numpy() * (np.float32(1) / scale)) + zero, 0, 255).astype(np.int64)
        found, found_scale, found_zero = made.quantize_input(X, site)
        assert np.array_equal(found.numpy(), q)
        assert (found_scale.item(), found_zero.item()) == (scale, zero)
        total = ((q - zero) @ codes.numpy().T.astype(np.int64)).astype(np.float32)
        expected = total * (scale * grid.scale.numpy()) + (layer.bias.detach().numpy() if bias else 0)
        np.testing.assert_allclose(made(X, site).numpy(), expected, rtol=1e-6, atol=1e-6)


def test_dynamic_inputs_bring_a_range_each() -> None:
    layer = linear()
    grid = channel_grid(layer.weight.detach())
    made = IntLinear.from_linear(layer, grid, grid.nearest(layer.weight), "dynamic")
    x = torch.cat([X, 1000 * X[:1], torch.zeros(1, 30)])
    q, scale, zero = made.quantize_input(x)
    assert (scale.shape, zero.shape) == ((14, 1), (14, 1))
    assert q[:-1].amin(1).tolist() == [0] * 13
    assert q[:-1].amax(1).tolist() == [255] * 13
    assert ((q - zero) * scale - x).abs().amax(1).le(0.51 * scale[:, 0]).all()
    assert scale[-1] == 1
    assert not q[-1].any()
    single = torch.cat([made(row[None]) for row in x])
    torch.testing.assert_close(made(x), single)


@pytest.mark.parametrize(("weights", "dtype"), [("fp16", torch.float16), ("bf16", torch.bfloat16)])
def test_half_layers_round_weights_and_bf16_the_inputs_of_products(weights: str, dtype: torch.dtype) -> None:
    for role in ("message", "table"):
        layer = linear(role)
        made = HalfLinear.from_linear(layer, weights)
        assert made.weight.dtype == dtype
        x = X.to(dtype).float() if weights == "bf16" and role == "message" else X
        expected = torch.nn.functional.linear(x, layer.weight.to(dtype).float(), layer.bias)
        assert torch.equal(made(X), expected)


def test_weights_that_do_not_fit_16_bits_are_refused() -> None:
    layer = linear()
    layer.weight.data[2, 3] = 1e6
    with pytest.raises(UnsupportedError, match=r"weights up to 1e\+06 do not fit fp16; use bf16"):
        HalfLinear.from_linear(layer, "fp16")
    assert torch.isfinite(HalfLinear.from_linear(layer, "bf16").weight).all()


def test_the_table_of_layers_says_what_is_stored() -> None:
    made = network(VARIETY[5], "w4a8")
    rows = {row.name: row for row in layer_table(made)}
    assert list(rows) == list(matrix_layers(made))
    for name, layer in matrix_layers(made).items():
        row = rows[name]
        assert (row.role, row.shape) == (layer.role, (layer.out_features, layer.in_features))
        stored = [t.numpy().nbytes for t in layer.state_dict().values()]
        assert row.n_bytes == sum(stored)
    static = rows["encoder.W_h"]
    assert (static.weights, static.activations) == ("int4", "static")
    layer = made.encoder.W_h
    for site, (low, high) in enumerate(static.ranges):
        scale, zero = layer.input_scale[site].item(), layer.input_zero[site].item()
        assert (low, high) == pytest.approx((-zero * scale, (255 - zero) * scale))
    assert rows["head.layers.0"].ranges == ()
    symmetric = network(VARIETY[2], "int8").encoder.W_h  # tanh: half of the inputs are negative
    (low, high), *_ = {row.name: row for row in layer_table(network(VARIETY[2], "int8"))}["encoder.W_h"].ranges
    scale, zero = symmetric.input_scale[0].item(), symmetric.input_zero[0].item()
    assert (low, high) == pytest.approx((-zero * scale, (255 - zero) * scale))
    assert low < 0 < high
    plain = layer_table(network(VARIETY[0]))[0]
    assert (plain.weights, plain.activations, plain.ranges) == ("fp32", None, ())


def test_layers_of_an_ensemble_are_named_by_member() -> None:
    made = Ensemble([network(VARIETY[0]), network(VARIETY[5])])
    names = [row.name for row in layer_table(made)]
    assert names == [f"{i}.{name}" for i, m in enumerate(made.members) for name in matrix_layers(m)]


@pytest.mark.parametrize("scheme", ["fp16", "int8", "int8-dynamic", "w4a8", "w3a8", "w2a8"])
@pytest.mark.parametrize("config", [VARIETY[0], VARIETY[9]], ids=named)
def test_build_remakes_what_was_saved(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    again = build(made.config, made.scheme, layer_specs(made))
    again.load_state_dict(made.state_dict())
    graphs = to_tensors(featurize(DRUGS).graphs, made.feature_set)
    assert again.scheme == scheme
    assert layer_table(again) == layer_table(made)
    assert torch.equal(made(graphs), again.eval()(graphs))


@pytest.mark.parametrize(
    "spec",
    [
        LayerSpec("int9", None),
        LayerSpec("int2", None),
        LayerSpec("int5", None, 4),
        LayerSpec("int4", None),
        LayerSpec("int8", None, 4),
        LayerSpec("fp16", None, 4),
        LayerSpec("fp16", "static"),
        LayerSpec("int8", "sometimes"),
        LayerSpec("int4", "sometimes", 20),
    ],
    ids=str,
)
def test_layers_of_an_unknown_kind_are_refused(spec: LayerSpec) -> None:
    with pytest.raises(InputError, match=r"'encoder\.W_h' has an unknown quantization"):
        build(VARIETY[0], "int8", {"encoder.W_h": spec})


@pytest.mark.parametrize("name", ["encoder.nothing", "encoder", "head.act"])
def test_layers_that_are_not_there_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"dmpnn has no layer '{name}'"):
        build(VARIETY[0], "int8", {name: LayerSpec("int8", None)})


@pytest.mark.parametrize("scheme", ["fp32", "fp16", "bf16", "int8", "w4a8"])
def test_a_dequantized_copy_has_the_stored_weights_and_rounds_nothing_else(scheme: str) -> None:
    made = network(VARIETY[0], scheme)
    copied = dequantized(made)
    stored = matrix_layers(made)
    for name, layer in matrix_layers(copied).items():
        assert isinstance(layer, Linear)
        like = stored[name]
        weight = like.weight.float()
        if isinstance(like, IntLinear):
            weight = like.integers().float() * like.weight_scale[:, None]
        assert torch.equal(layer.weight, weight)
        assert layer.bias is None or torch.equal(layer.bias, like.bias)
    assert matrix_layers(made).keys() == stored.keys()
