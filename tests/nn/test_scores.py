"""The distributions of SciPy are the judge of what the columns say."""

from __future__ import annotations

import numpy as np
import torch
from scipy import stats
from scipy.special import softmax

from molq.nn.outputs import Outputs
from molq.nn.scores import outputs_of, scores_of_outputs

LOGITS = torch.from_numpy(np.random.default_rng(0).normal(0, 2, (9, 8)))
MEAN, SCALE = torch.tensor([-1.0, 100.0]), torch.tensor([2.0, 10.0])


def scores(head: Outputs, logits: torch.Tensor = LOGITS, mean: torch.Tensor = MEAN, scale: torch.Tensor = SCALE):
    """[n, T, c]"""
    found = scores_of_outputs(outputs_of(logits, head, mean, scale), head)
    return found.numpy().reshape(len(logits), len(mean), -1)


def softplus(x):
    return np.log1p(np.exp(x))


def test_a_mean_and_its_deviation():
    found = scores(Outputs("regression", "mve"), LOGITS[:, :4])
    z = LOGITS[:, :4].numpy().reshape(9, 2, 2)
    np.testing.assert_allclose(found[..., 0], z[..., 0] * SCALE.numpy() + MEAN.numpy(), rtol=1e-6)
    np.testing.assert_allclose(found[..., 1], np.sqrt(softplus(z[..., 1])) * SCALE.numpy(), rtol=1e-6)


def test_evidence_gives_the_moments_of_a_normal_inverse_gamma_distribution():
    found = scores(Outputs("regression", "evidential"))
    gamma, v, alpha, beta = np.moveaxis(LOGITS.numpy().reshape(9, 2, 4), 2, 0)
    v, alpha, beta = softplus(v), softplus(alpha) + 1, softplus(beta)
    aleatoric = stats.invgamma.mean(alpha, scale=beta)  # E[σ²]; Var[μ] is that over v
    np.testing.assert_allclose(found[..., 2], np.sqrt(aleatoric) * SCALE.numpy(), rtol=1e-6)
    np.testing.assert_allclose(found[..., 3], np.sqrt(aleatoric / v) * SCALE.numpy(), rtol=1e-6)
    np.testing.assert_allclose(found[..., 1] ** 2, found[..., 2] ** 2 + found[..., 3] ** 2, rtol=1e-6)
    np.testing.assert_allclose(found[..., 0], gamma * SCALE.numpy() + MEAN.numpy(), rtol=1e-6)


def test_the_value_lies_in_the_middle_of_its_quantiles():
    found = scores(Outputs("regression", "quantile"), LOGITS[:, :4])
    np.testing.assert_allclose(found[..., 0], (found[..., 1] + found[..., 2]) / 2, rtol=1e-6)
    units = LOGITS[:, :4].numpy().reshape(9, 2, 2) * SCALE.numpy()[:, None] + MEAN.numpy()[:, None]
    np.testing.assert_allclose(found[..., 1:], units, rtol=1e-6)


def test_classes():
    z = LOGITS.numpy().reshape(9, 2, 4)
    np.testing.assert_allclose(scores(Outputs("multiclass", None, 4)), softmax(z, axis=2), rtol=1e-6)
    evidence = softplus(z) + 1
    found = scores(Outputs("multiclass", "dirichlet", 4))
    np.testing.assert_allclose(found[..., 4], 4 / evidence.sum(axis=2), rtol=1e-6)
    for i in range(9):
        np.testing.assert_allclose(found[i, 0, :4], stats.dirichlet.mean(evidence[i, 0]), rtol=1e-6)
    two = scores(Outputs("classification", "dirichlet"), LOGITS[:, :4])
    evidence = softplus(LOGITS[:, :4].numpy().reshape(9, 2, 2)) + 1
    np.testing.assert_allclose(two[..., 0], stats.beta.mean(evidence[..., 1], evidence[..., 0]), rtol=1e-6)


def test_no_molecules_have_as_many_columns():
    none, units = torch.empty(0, 4), torch.ones(2)
    found = outputs_of(none, Outputs("regression", "mve"), units, units)
    assert scores_of_outputs(found, Outputs("regression", "mve")).shape == (0, 4)
