"""Weights fitted to a calibration set, measured on molecules outside of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.chem.packed import concat
from molq.errors import InputError
from molq.nn.config import PredictorConfig, default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.layers import matrix_layers
from molq.quant.scheme import SCHEMES, Scheme

CALIBRATION = [featurize(DRUGS[:6]).graphs, featurize(DRUGS[6:]).graphs]
UNSEEN = featurize(
    ["CCOC(=O)c1ccccc1N", "CN1CCN(CC1)c1ncccn1", "O=C(O)C1CCCN1", "Clc1ccc(Br)cc1C#N", "CCN(CC)CC"]
).graphs
PLAIN = replace(SCHEMES["w4a8"], rounding="nearest", equalize=False, bias_correction=False)


def trained_like(seed: int = 0) -> Predictor:
    torch.manual_seed(seed)
    return Predictor(default_config("dmpnn", ("a", "b"), "regression", d_h=64)).eval()


def logits(predictor: Predictor) -> np.ndarray:
    with torch.no_grad():
        return predictor(to_tensors(UNSEEN, predictor.feature_set)).numpy()


def error(scheme: Scheme) -> float:
    errors = []
    for seed in range(4):
        predictor = trained_like(seed)
        made = quantize(predictor, scheme, CALIBRATION)
        errors.append(((logits(made) - logits(predictor)) ** 2).mean())
    return float(np.mean(errors))


def test_gptq_errs_less_on_unseen_molecules_and_the_defaults_least() -> None:
    plain, gptq = error(PLAIN), error(replace(PLAIN, rounding="gptq"))
    assert gptq < 0.6 * plain
    assert error(SCHEMES["w4a8"]) < 0.6 * plain


def test_bias_correction_brings_the_mean_back() -> None:
    scheme = replace(PLAIN, bias_correction=True)
    graph = to_tensors(concat(CALIBRATION), "V2")
    predictor = trained_like()
    with torch.no_grad():
        exact = predictor(graph)
        shift = {
            name: (quantize(predictor, s, CALIBRATION)(graph) - exact).mean(0).abs().max().item()
            for name, s in (("plain", PLAIN), ("corrected", scheme))
        }
    assert shift["corrected"] < 1e-5 < shift["plain"]


def test_the_bias_of_messages_is_kept_with_the_atoms() -> None:
    predictor = trained_like()
    made = quantize(predictor, replace(PLAIN, bias_correction=True), CALIBRATION)
    assert not torch.equal(made.encoder.W_o_atom.bias, predictor.encoder.W_o_atom.bias)
    assert made.encoder.W_o_msg.bias is None
    assert made.encoder.b_h is None


@pytest.mark.parametrize("rounding", ["gptq", "adaround"])
@pytest.mark.parametrize("config", [VARIETY[3], VARIETY[7], VARIETY[9]], ids=lambda config: config.architecture)
def test_every_network_errs_less_when_fitted(config: PredictorConfig, rounding: str) -> None:
    predictor, graph = network(config), to_tensors(concat(CALIBRATION), config.feature_set)
    errors = {}
    for name in ("nearest", rounding):
        made = quantize(predictor, replace(PLAIN, rounding=name, int8_roles=()), CALIBRATION)
        assert {layer.weights for name, layer in matrix_layers(made).items() if name != "readout.W"} == {"int4"}
        with torch.no_grad():
            errors[name] = (made(graph) - predictor(graph)).square().mean().item()
    assert 0 < errors[rounding] < 0.5 * errors["nearest"]


def test_the_same_set_gives_the_same_weights() -> None:
    states = [quantize(trained_like(), SCHEMES["w4a8"], iter(CALIBRATION)).state_dict() for _ in range(2)]
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])


def test_a_scheme_that_learns_needs_a_set() -> None:
    with pytest.raises(InputError, match="what its weights are fitted to"):
        quantize(trained_like(), replace(SCHEMES["w4a16"], rounding="gptq"))
    with pytest.raises(InputError, match="upwards"):
        quantize(trained_like(), replace(SCHEMES["w4a16"], rounding="upwards"))
