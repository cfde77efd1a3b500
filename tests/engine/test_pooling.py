"""Readout, batch norm and head of the engine against those of the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from variety import VARIETY, network

from molq.chem.packed import no_extras
from molq.engine.pooling import HeadPlan, Pooling, batch_norm
from molq.engine.scratch import Scratch

MOL_PTR = np.array([0, 3, 4, 11], np.int32)
ROW = np.array([4, 0, 0, 2, 1, 3, 4, 2, 2, 0, 1], np.int32)
"""rows of five distinct atom states that the eleven atoms of three molecules have"""
BATCH = torch.from_numpy(np.repeat(np.arange(3), np.diff(MOL_PTR)))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("readout", ["mean", "sum", "norm", "attentive"])
def test_molecule_vectors_are_those_of_the_network(readout: str, batch_norm: bool) -> None:
    predictor = network(replace(VARIETY[0], readout=readout, readout_norm=37.0, batch_norm=batch_norm))
    h = np.random.default_rng(0).normal(size=(5, 32)).astype(np.float32)
    out = np.empty((3, 32), np.float32)
    Pooling(predictor).pool(h, ROW, MOL_PTR, out)
    with torch.no_grad():
        expected = predictor.readout(torch.from_numpy(h[ROW]), BATCH, 3)
        if predictor.bn is not None:
            expected = predictor.bn(expected)
    np.testing.assert_allclose(out, expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("hidden", [(), (24,), (40, 20)])
@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_outputs_are_those_of_the_head(kind: str, hidden: tuple[int, ...]) -> None:
    predictor = network(replace(VARIETY[0], kind=kind, head_hidden=hidden, head_activation="leakyrelu"))
    z = np.random.default_rng(1).normal(size=(7, 32)).astype(np.float32)
    with torch.no_grad():
        expected = predictor.activate(predictor.head(torch.from_numpy(z))).numpy()
    before = z.copy()
    np.testing.assert_allclose(HeadPlan(predictor, Scratch()).outputs(z, no_extras(7)), expected, rtol=1e-5, atol=1e-6)
    assert np.array_equal(z, before)


def test_a_batch_norm_is_one_scale_and_one_shift() -> None:
    torch.manual_seed(0)
    layer = torch.nn.BatchNorm1d(6, eps=0.1).eval()
    with torch.no_grad():
        for tensor in (layer.weight, layer.bias, layer.running_mean):
            tensor.normal_()
        layer.running_var.uniform_(0.01, 3)
    scale, shift = batch_norm(layer)
    x = torch.randn(5, 6)
    np.testing.assert_allclose(x.numpy() * scale + shift, layer(x).detach().numpy(), rtol=1e-5, atol=1e-6)
