"""One predictor's fitting against a loop written out in torch, and what is kept of its epochs."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from msgspec import structs

from molq.chem.packed import slice_graphs
from molq.errors import InputError
from molq.nn.config import default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.progress import SILENT
from molq.training.config import TrainConfig
from molq.training.fitting import Lesson, Steps, fit, validate
from molq.training.forward import PlainForward

N = 24
SETTINGS = TrainConfig(epochs=3, batch_size=6, warmup_epochs=1)


class Towards:
    """Logits ought to be these numbers [n, 1]: half the squared distance."""

    def __init__(self, wanted):
        self.wanted = torch.as_tensor(wanted, dtype=torch.float32)

    def loss_sum(self, logits, mols):
        return ((logits - self.wanted[torch.from_numpy(mols)]) ** 2).sum() / 2, torch.tensor(float(len(mols)))


class Scripted:
    """A validation loss and metric of our own for every epoch, whatever the predictor says."""

    def __init__(self, losses):
        self.losses, self.asked = losses, -1

    def loss_sum(self, logits, mols):
        if torch.is_grad_enabled():
            return (logits * 1e-3).sum(), torch.tensor(1.0)
        self.asked += 1
        return torch.tensor(self.losses[self.asked]), torch.tensor(1.0)


@pytest.fixture(scope="module")
def graphs(bace):
    return slice_graphs(bace.graphs, 0, N)


@pytest.fixture
def fresh():
    def make(**changes):
        torch.manual_seed(4)
        return Predictor(default_config("gine", ("a",), "classification", d_h=8, depth=2, head_hidden=(), **changes))

    return make


def lesson_of(graphs, predictor, objective, settings=SETTINGS, n_valid=8, labels=None):
    labels = np.arange(N)[:, None] % 2 if labels is None else labels
    return Lesson(
        "classification",
        np.asarray(labels, np.float32),
        np.arange(N - n_valid, N),
        objective,
        PlainForward(graphs, predictor.config),
        lambda rng: rng.permutation(N - n_valid),
        settings,
    )


def test_a_fit_is_adam_on_the_mean_loss_of_every_batch(graphs, fresh):
    settings = structs.replace(SETTINGS, grad_clip=0.05, seed=5)
    wanted = np.random.default_rng(0).normal(size=(N, 1))
    ours, theirs = fresh(batch_norm=False), fresh(batch_norm=False)
    results = []
    fit(ours, lesson_of(graphs, ours, Towards(wanted), settings), 2, Steps(9, SILENT), results.append)

    rng, wanted = np.random.default_rng(5 + 2), torch.tensor(wanted, dtype=torch.float32)
    optimizer = torch.optim.Adam(theirs.parameters())
    table = to_tensors(graphs, "V2")
    rates = [1e-4, 4e-4, 7e-4]  # a third of the way up with every step of the first epoch
    rates += [1e-3 * 0.1 ** (i / 6) for i in range(6)]
    losses, step, kept = [], 0, {}
    for epoch in range(3):
        total = 0.0
        for mols in np.split(rng.permutation(16), [6, 12]):
            optimizer.param_groups[0]["lr"] = rates[step]
            step += 1
            optimizer.zero_grad()
            loss = ((theirs(table)[mols] - wanted[mols]) ** 2).sum() / 2
            (loss / len(mols)).backward()
            torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.05)
            optimizer.step()
            total += loss.item()
        losses.append(total / 16)
        kept[epoch + 1] = copy.deepcopy(theirs.state_dict())
    assert [result.train_loss for result in results] == pytest.approx(losses, rel=1e-4)
    assert [result.learning_rate for result in results] == pytest.approx([rates[2], rates[5], rates[8]])
    best = max(results, key=lambda result: (result.valid_metric, -result.valid_loss)).epoch
    for name, value in kept[best].items():
        torch.testing.assert_close(ours.state_dict()[name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("monitor", "losses", "best"),
    [("loss", [3.0, 1.0, 2.0], 2), ("loss", [3.0, 1.0, 1.0], 2), ("loss", [1.0, 2.0, 0.5], 3)],
)
def test_the_epoch_of_the_least_loss_is_kept_the_first_of_equals(graphs, fresh, monitor, losses, best):
    predictor, states = fresh(), {}
    lesson = lesson_of(graphs, predictor, Scripted(losses), structs.replace(SETTINGS, monitor=monitor))

    def record(result):
        states[result.epoch] = copy.deepcopy(predictor.state_dict())

    assert fit(predictor, lesson, 0, Steps(9, SILENT), record) == best
    assert all(torch.equal(states[best][name], value) for name, value in predictor.state_dict().items())
    assert not all(torch.equal(states[best][name], states[best % 3 + 1][name]) for name in states[best])
    assert not predictor.training


def test_a_metric_comes_before_the_loss_and_ties_are_for_the_loss(graphs, fresh, monkeypatch):
    for metrics, losses, best in (
        ([0.6, 0.8, 0.7], [1.0, 3.0, 0.5], 2),
        ([0.8, 0.8, 0.8], [1.0, 0.5, 0.7], 2),
        ([0.8, None, 0.7], [1.0, 0.9, 0.7], 1),
    ):
        predictor = fresh()
        lesson = lesson_of(graphs, predictor, Scripted(losses))
        told = iter(metrics)
        monkeypatch.setattr(Lesson, "metric", lambda self, scores, told=told: next(told))
        assert fit(predictor, lesson, 0, Steps(9, SILENT), lambda result: None) == best


def test_a_regression_keeps_the_least_error(graphs, fresh, monkeypatch):
    predictor = fresh()
    lesson = replace(lesson_of(graphs, predictor, Scripted([1.0, 1.0, 1.0])), kind="regression")
    told = iter([0.9, 0.4, 0.6])
    monkeypatch.setattr(Lesson, "metric", lambda self, scores: next(told))
    assert fit(predictor, lesson, 0, Steps(9, SILENT), lambda result: None) == 2


def test_patience_counts_from_the_best_epoch(graphs, fresh):
    settings = structs.replace(SETTINGS, epochs=9, patience=2, monitor="loss")
    results = []
    predictor = fresh()
    lesson = lesson_of(graphs, predictor, Scripted([3.0, 2.0, 2.5, 1.0, 1.5, 1.2, 0.1, 0.1, 0.1]), settings)
    assert fit(predictor, lesson, 0, Steps(27, SILENT), results.append) == 4
    assert [result.epoch for result in results] == [1, 2, 3, 4, 5, 6]


def test_fine_tuning_keeps_what_came_in_unless_an_epoch_is_better(graphs, fresh):
    settings = structs.replace(SETTINGS, monitor="loss")
    for losses, best in (([1.0, 1.0, 2.0, 3.0], 0), ([1.0, 0.9, 2.0, 3.0], 1)):
        predictor = fresh(dropout=0.5)
        before = copy.deepcopy(predictor.state_dict())
        modes = []
        predictor.encoder.dropout.register_forward_hook(lambda module, *_, modes=modes: modes.append(module.training))
        lesson = lesson_of(graphs, predictor, Scripted(losses), settings)
        assert fit(predictor, lesson, 0, Steps(9, SILENT), lambda result: None, fine_tune=True) == best
        assert not any(modes)
        same = {name: torch.equal(before[name], value) for name, value in predictor.state_dict().items()}
        assert all(same.values()) is (best == 0)
        assert all(equal for name, equal in same.items() if "running" in name)


def test_validation_is_the_loss_and_the_metric_of_the_validation_molecules(graphs, fresh):
    predictor = fresh().eval()
    wanted = np.zeros((N, 1))
    lesson = lesson_of(graphs, predictor, Towards(wanted))
    with torch.no_grad():
        logits = predictor(to_tensors(graphs, "V2"))[-8:, 0].numpy()
    loss, metric = validate(predictor, lesson)
    assert loss == pytest.approx((logits**2).mean() / 2, rel=1e-5)
    labels = np.arange(N)[-8:] % 2
    pairs = [(a > b) + (a == b) / 2 for a in logits[labels == 1] for b in logits[labels == 0]]
    assert metric == pytest.approx(np.mean(pairs))
    assert validate(predictor, lesson_of(graphs, predictor, Towards(wanted), labels=np.zeros((N, 1)))) == (loss, None)
    assert validate(predictor, replace(lesson, valid=np.array([], np.int64))) == (None, None)
    np.testing.assert_allclose(lesson.predictions(predictor)[:, 0], 1 / (1 + np.exp(-logits)), rtol=1e-5)


def test_a_fit_that_runs_away_says_what_to_change(graphs, fresh):
    predictor = fresh()
    settings = structs.replace(SETTINGS, warmup_epochs=0, max_lr=0.5)
    with pytest.raises(
        InputError,
        match=r"epoch 1 is no longer finite: lower `max_lr` \(now 0\.5\), or clip gradients with `grad_clip`",
    ):
        fit(
            predictor,
            lesson_of(graphs, predictor, Towards(np.full((N, 1), math.nan)), settings),
            0,
            Steps(9, SILENT),
            print,
        )
    with torch.no_grad():
        predictor.head.layers[0].bias.fill_(math.inf)
    with pytest.raises(InputError, match="validation molecules are no longer finite"):
        validate(predictor, lesson_of(graphs, predictor, Towards(np.zeros((N, 1)))))
