from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from molq.errors import InputError
from molq.training.targets import make_targets

NAN = math.nan
SMILES = ["C", "CC", "CCC", "CCCC"]
ALL = np.arange(4)


def test_missing_labels_do_not_contribute(label):
    targets = make_targets(label(SMILES, [[1, NAN], [0, 1], [NAN, 0], [1, NAN]]), ALL)
    logits = torch.zeros(4, 2, requires_grad=True)
    with torch.no_grad():
        logits += torch.arange(8.0).view(4, 2) / 10
    targets.loss(logits, ALL).backward()
    assert (logits.grad != 0).tolist() == [[True, False], [True, True], [False, True], [True, False]]


def test_loss_is_the_mean_cross_entropy_of_the_known_labels(label):
    targets = make_targets(label(SMILES, [[1, NAN], [0, 1], [NAN, 0], [1, NAN]]), ALL)
    z = np.array([[0.3, 9.0], [-0.4, 0.8], [9.0, 0.1], [2.0, 9.0]])
    p = 1 / (1 + np.exp(-z))
    expected = -np.mean([np.log(p[0, 0]), np.log(1 - p[1, 0]), np.log(p[3, 0]), np.log(p[1, 1]), np.log(1 - p[2, 1])])
    assert float(targets.loss(torch.tensor(z, dtype=torch.float32), ALL)) == pytest.approx(expected, rel=1e-6)


def test_regression_is_standardized_by_the_training_rows_alone(label):
    targets = make_targets(label(SMILES, [[1.0], [NAN], [3.0], [100.0]], "regression"), np.array([0, 1, 2]))
    assert (float(targets.mean), float(targets.scale)) == (2.0, 1.0)
    assert targets.values[:, 0].tolist() == [-1.0, 0.0, 1.0, 98.0]


def test_a_constant_target_is_only_centred(label):
    targets = make_targets(label(SMILES, [[5.0]] * 4, "regression"), ALL)
    assert (float(targets.mean), float(targets.scale)) == (5.0, 1.0)


def test_a_task_without_training_labels_is_named(label):
    with pytest.raises(InputError, match="t1"):
        make_targets(label(SMILES, [[1, NAN], [0, NAN], [1, NAN], [0, 1]]), np.array([0, 1, 2]))


def test_one_class_alone_cannot_be_learnt(label):
    with pytest.raises(InputError, match="one class"):
        make_targets(label(SMILES, [[1], [1], [1], [0]]), np.array([0, 1, 2]))
    make_targets(label(SMILES, [[1, 0], [1, 1], [1, 0], [1, 0]]), ALL)
