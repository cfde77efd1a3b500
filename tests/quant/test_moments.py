from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.quant.moments import Moments, input_moments
from molq.quant.rounding import gptq
from molq.quant.weights import channel_grid

BATCHES = [featurize(DRUGS[:6]).graphs, featurize(DRUGS[6:]).graphs]


def test_moments_are_numpys() -> None:
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(50, 4)), rng.normal(size=(50, 4)) + 1
    moments = Moments(4)
    for part in range(0, 50, 7):
        moments.update(torch.from_numpy(x[part : part + 7]), torch.from_numpy(z[part : part + 7]))
    assert moments.n == 50
    np.testing.assert_allclose(moments.second(True), np.cov(z.T, bias=True), atol=1e-12)
    np.testing.assert_allclose(moments.second(False), z.T @ z / 50)
    np.testing.assert_allclose(moments.cross(True), (x - x.mean(0)).T @ (z - z.mean(0)) / 50, atol=1e-12)
    np.testing.assert_allclose(moments.cross(False), x.T @ z / 50)
    np.testing.assert_allclose(moments.x_mean, x.mean(0))
    np.testing.assert_allclose(moments.z_mean, z.mean(0))


def test_moments_of_nothing_are_zero() -> None:
    moments = Moments(3)
    for centred in (True, False):
        assert not moments.second(centred).any()
        assert not moments.cross(centred).any()


def test_every_call_site_counts_and_the_quantized_inputs_are_seen() -> None:
    predictor = network(VARIETY[0])
    made = copy.deepcopy(network(VARIETY[0], "int8"))
    made.set_submodule("encoder.W_h", copy.deepcopy(predictor.encoder.W_h))
    n_edges = sum(2 * len(batch.bonds) for batch in BATCHES)
    moments = input_moments("encoder.W_h", predictor, made, BATCHES, lambda site, z: z)
    assert moments.n == 2 * n_edges
    assert 0 < (moments.x_mean - moments.z_mean).abs().max() < 0.1 * moments.x_mean.max()


def test_inputs_are_rounded_as_their_site_will() -> None:
    predictor = network(VARIETY[0])
    plain = input_moments("encoder.W_h", predictor, predictor, BATCHES, lambda site, z: z)
    doubled = input_moments("encoder.W_h", predictor, predictor, BATCHES, lambda site, z: z * (1 + site[1]))
    torch.testing.assert_close(plain.x_mean, plain.z_mean)
    torch.testing.assert_close(doubled.x_mean, plain.x_mean)
    second = input_moments("encoder.W_h", predictor, predictor, BATCHES, lambda site, z: z * site[1])
    torch.testing.assert_close(doubled.z_mean, plain.z_mean + second.z_mean)
    assert second.z_mean.max() == pytest.approx(plain.z_mean.max().item(), rel=0.7)


@pytest.mark.parametrize("n", [1, 2, 50, 10_000])
def test_rows_that_are_all_the_same_do_not_vary(n: int) -> None:
    row = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 8)))
    moments = Moments(8)
    for _ in range(4):
        moments.update(row.repeat(n, 1), row.repeat(n, 1))
    assert not moments.second(centred=True).any()
    assert moments.second(centred=False).any()
    assert torch.isfinite(gptq(row.repeat(3, 1), channel_grid(row.repeat(3, 1)), moments.second(centred=True))).all()
