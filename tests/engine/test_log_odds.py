"""The output behind a score, and its mean slope, against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from heads import HEADS, head_of

from molq.engine.log_odds import output_of
from molq.nn.ensemble import Ensemble
from molq.nn.outputs import Outputs
from molq.nn.scores import outputs_of, scores_of_outputs

CASES = [(outputs, n) for outputs in HEADS for n in (1, 3)]


def logits_of(network: Ensemble, n: int = 5) -> np.ndarray:
    shape = (n, len(network.members), network.members[0].config.n_logits)
    return np.random.default_rng(1).normal(scale=2, size=shape)


def torch_output(network: Ensemble, logits: torch.Tensor, place: int) -> torch.Tensor:
    """By way of the scores."""
    found = [
        outputs_of(logits[:, m], network.outputs, member.output_mean.double(), member.output_scale.double())
        for m, member in enumerate(network.members)
    ]
    score = scores_of_outputs(torch.stack(found).mean(0), network.outputs)[:, place]
    return score if network.kind == "regression" else torch.logit(score)


@pytest.mark.parametrize(("outputs", "n_members"), CASES, ids=str)
def test_value_and_slopes_are_those_of_the_score(outputs: Outputs, n_members: int) -> None:
    network = Ensemble([head_of(outputs, seed) for seed in range(n_members)])
    for place, column in enumerate(network.columns):
        if not column.is_prediction:
            continue
        output = output_of(network, column)
        logits = logits_of(network)
        at = torch.from_numpy(logits).requires_grad_()
        expected = torch_output(network, at, place)
        np.testing.assert_allclose(output.value(logits), expected.detach().numpy(), rtol=1e-7, atol=1e-9)
        slopes = torch.autograd.grad(expected.sum(), at)[0].numpy()
        np.testing.assert_allclose(output.weights(logits, logits), slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("outputs", "n_members"), CASES, ids=str)
def test_mean_slopes_make_up_the_difference(outputs: Outputs, n_members: int) -> None:
    network = Ensemble([head_of(outputs, seed) for seed in range(n_members)])
    output = output_of(network, network.columns[0])
    start, stop = logits_of(network)[:1], 5 * logits_of(network)[1:]
    difference = (output.weights(start, stop) * (stop - start)).sum((1, 2))
    np.testing.assert_allclose(difference, output.value(stop) - output.value(start), rtol=1e-4, atol=1e-4)


def test_a_certain_probability_has_finite_log_odds() -> None:
    network = Ensemble([head_of(Outputs("classification"), seed) for seed in range(2)])
    output = output_of(network, network.columns[0])
    logits = np.full((1, 2, 2), 500.0)
    assert output.value(logits) == pytest.approx(500)
    assert np.isfinite(output.weights(-logits, logits)).all()
