from __future__ import annotations

import numpy as np
import pytest
import torch
from heads import HEADS, head_of
from scipy.special import expit

from molq.engine.outputs import member_outputs, scores_of
from molq.nn.outputs import Outputs
from molq.nn.predictor import Predictor

LOGITS = np.random.default_rng(0).normal(0, 3, (40, 24)).astype(np.float32)


def with_units(predictor: Predictor) -> Predictor:
    predictor.output_scale.copy_(torch.tensor([2.0, 10.0]))
    predictor.output_mean.copy_(torch.tensor([-1.0, 100.0]))
    return predictor


def logits_of(predictor: Predictor) -> np.ndarray:
    return LOGITS[:, : predictor.config.n_logits]


@pytest.mark.parametrize("head", HEADS)
def test_they_are_those_of_the_network_in_torch(head: Outputs) -> None:
    predictor = with_units(head_of(head))
    logits = logits_of(predictor)
    found = scores_of([member_outputs(predictor, logits)], head)
    assert found.shape == (len(logits), len(predictor.columns))
    expected = predictor.activate(torch.from_numpy(logits).double()).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("head", HEADS)
def test_a_row_has_the_same_bits_alone_and_in_company(head: Outputs) -> None:
    predictor = with_units(head_of(head))
    together = member_outputs(predictor, logits_of(predictor))
    for i in range(len(together)):
        assert np.array_equal(member_outputs(predictor, logits_of(predictor)[i : i + 1])[0], together[i])


def test_logits_become_probabilities_or_values_in_target_units() -> None:
    logits = np.array([[-2, 0.5], [30, -0.25]], np.float32)
    found = member_outputs(head_of(Outputs("classification")), logits)
    np.testing.assert_allclose(found, expit(logits), rtol=1e-6)
    regressor = with_units(head_of(Outputs("regression")))
    assert member_outputs(regressor, logits).tolist() == [[-5, 105], [59, 97.5]]


@pytest.mark.parametrize("head", HEADS)
def test_an_overflow_is_no_number_in_its_task_and_no_other(head: Outputs) -> None:
    predictor = head_of(head)
    logits = logits_of(predictor).copy()
    logits[3, 0] = np.inf
    found = scores_of([member_outputs(predictor, logits)], head).reshape(len(logits), 2, -1)
    assert not np.isfinite(found[3, 0]).any()
    found[3, 0] = 0
    assert np.isfinite(found).all()


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("size", [90.0, 2000.0, 1e30])
def test_what_is_a_number_is_within_its_bounds_whatever_the_logits(head: Outputs, size: float) -> None:
    predictor = head_of(head)
    logits = np.sign(logits_of(predictor)) * np.float32(size)
    with np.errstate(over="ignore", invalid="ignore"):
        found = scores_of([member_outputs(predictor, logits)], head)
    for column, values in zip(predictor.columns, found.T, strict=True):
        values = values[np.isfinite(values)]
        if column.part in ("std", "aleatoric", "epistemic"):
            assert (values >= 0).all()
        if column.part in ("class", "uncertainty"):
            assert ((values >= 0) & (values <= 1)).all()


def test_an_ensembles_deviation_is_the_root_of_its_mean_variance() -> None:
    head = Outputs("regression", "mve")
    first, second = np.array([[1.0, 4.0]]), np.array([[3.0, 16.0]])
    found = scores_of([first, second], head, spread=True)
    np.testing.assert_allclose(found, [[2.0, 10**0.5, 1.0, 1.0]], rtol=1e-6)
