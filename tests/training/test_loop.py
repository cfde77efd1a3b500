from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from heard import Heard
from msgspec import structs

from molq.errors import InputError, UnsupportedError
from molq.metrics.ranking import rmse, roc_auc
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.training.config import TrainConfig
from molq.training.forward import scores_of
from molq.training.loop import train


def small(dataset, architecture="dmpnn", **changes):
    return default_config(architecture, dataset.tasks, dataset.kind, **{"d_h": 32, **changes})


def weights(model):
    return [tensor for member in model.members for tensor in member.state_dict().values()]


def same_bits(a, b):
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture(scope="module")
def bace_split(split_at):
    return split_at(240, 180, 30)


@pytest.fixture(scope="module")
def trained(bace, bace_split):
    settings = TrainConfig(epochs=20, max_lr=3e-3, final_lr=1e-3, batch_size=16, monitor="loss")
    return train(small(bace, d_h=64, readout="sum"), bace, bace_split, settings)


def test_it_learns(bace, bace_split, trained):
    losses = [epoch["train_loss"] for epoch in trained.history]
    assert losses[-1] < 0.8 * losses[0]
    rows = bace_split.train
    assert roc_auc(bace.labels[rows, 0], scores_of(trained.network, bace.graphs)[rows, 0]) > 0.7


def test_the_best_epoch_is_kept(bace, bace_split, trained):
    losses = [epoch["valid_loss"] for epoch in trained.history]
    assert [epoch["epoch"] for epoch in trained.history] == list(range(1, 21))
    assert trained.best_epoch == 1 + int(np.argmin(losses))
    assert trained.valid_metric == trained.history[trained.best_epoch - 1]["valid_metric"]
    rows = bace_split.valid
    kept = roc_auc(bace.labels[rows, 0], scores_of(trained.network, bace.graphs)[rows, 0])
    assert kept == pytest.approx(trained.valid_metric, abs=1e-9)
    assert not trained.network.training


def test_the_best_epoch_by_the_metric_need_not_be_the_last(bace, bace_split):
    wild = train(small(bace), bace, bace_split, TrainConfig(epochs=5, warmup_epochs=0, final_lr=0.3))
    curve = [epoch["valid_metric"] for epoch in wild.history]
    assert wild.valid_metric == curve[wild.best_epoch - 1] == max(curve)
    rows = bace_split.valid
    kept = roc_auc(bace.labels[rows, 0], scores_of(wild.network, bace.graphs)[rows, 0])
    assert kept == pytest.approx(max(curve), abs=1e-9)
    assert wild.best_epoch < 5


@pytest.mark.parametrize("architecture", ["dmpnn", "ampnn", "gine", "attentivefp"])
def test_same_seed_same_weights_to_the_bit(bace, bace_split, architecture):
    settings = TrainConfig(epochs=2, seed=7)
    config = small(bace, architecture, dropout=0.1)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = train(config, bace, bace_split, settings)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads % 2 + 1)
    second = train(config, bace, bace_split, settings)
    assert torch.get_num_threads() == threads % 2 + 1
    torch.set_num_threads(threads)
    assert same_bits(weights(first.network), weights(second.network))
    assert first.history == second.history
    other = train(config, bace, bace_split, structs.replace(settings, seed=8))
    assert not same_bits(weights(first.network), weights(other.network))


def test_ensemble_members_differ_and_the_first_is_the_single_model(bace, bace_split):
    settings = TrainConfig(epochs=2)
    single = train(small(bace), bace, bace_split, settings)
    several = train(small(bace), bace, bace_split, structs.replace(settings, n_members=2))
    assert isinstance(several.network, Ensemble)
    assert same_bits(weights(several.network.members[0]), weights(single.network))
    assert not same_bits(weights(several.network.members[1]), weights(single.network))
    assert [(epoch["member"], epoch["epoch"]) for epoch in several.history] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert len(several.best_epochs) == 2
    again = train(small(bace), bace, bace_split, structs.replace(settings, seed=1))
    assert same_bits(weights(several.network.members[1]), weights(again.network))


@pytest.mark.parametrize("architecture", ["dmpnn", "gine", "attentivefp"])
def test_regression_is_learnt_in_target_units(esol, split_at, architecture):
    split = split_at(240, 180, 30)
    settings = TrainConfig(epochs=8, max_lr=1e-2, final_lr=1e-3, batch_size=16)
    result = train(small(esol, architecture), esol, split, settings)
    labels, scores = esol.labels[:, 0], scores_of(result.network, esol.graphs)[:, 0]
    assert rmse(labels[split.valid], scores[split.valid]) == pytest.approx(result.valid_metric, rel=1e-5)
    assert result.valid_metric == min(epoch["valid_metric"] for epoch in result.history)
    assert result.valid_metric < 0.8 * labels[split.valid].std()
    assert float(result.network.output_mean) == pytest.approx(labels[split.train].mean(), rel=1e-5)


def test_an_ensembles_metric_is_that_of_the_mean_of_its_members(esol, split_at):
    split = split_at(240, 180, 30)
    result = train(small(esol), esol, split, TrainConfig(epochs=2, n_members=2))
    rows = split.valid
    scores = scores_of(result.network, esol.graphs)[rows, 0]
    assert result.valid_metric == pytest.approx(rmse(esol.labels[rows, 0], scores), rel=1e-5)


def test_patience_stops_early(bace, bace_split):
    settings = TrainConfig(epochs=30, warmup_epochs=0, max_lr=1e-3, final_lr=1.0, patience=3, monitor="loss")
    result = train(small(bace), bace, bace_split, settings)
    assert len(result.history) == result.best_epoch + 3 < 30


def test_rows_without_labels_change_nothing(bace, bace_split):
    gaps = bace.labels.copy()
    gaps[bace_split.train[::3]] = math.nan
    kept = np.setdiff1d(np.arange(240), bace_split.train[::3])
    n_train, n_valid = 120, 30
    settings = TrainConfig(epochs=2)
    whole = train(small(bace), replace(bace, labels=gaps), bace_split, settings)
    fewer_rows = bace.subset(kept)
    fewer = train(
        small(bace),
        fewer_rows,
        replace(
            bace_split,
            train=np.arange(n_train),
            valid=np.arange(n_train, n_train + n_valid),
            test=np.arange(n_train + n_valid, len(kept)),
        ),
        settings,
    )
    for a, b in zip(weights(whole.network), weights(fewer.network), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


def test_several_tasks_with_gaps(bace, bace_split):
    labels = np.column_stack([bace.labels[:, 0], 1 - bace.labels[:, 0], bace.labels[:, 0]])
    labels[::2, 1] = math.nan
    labels[bace_split.valid, 2] = math.nan
    several = replace(bace, labels=labels, tasks=("a", "b", "c"))
    result = train(small(several), several, bace_split, TrainConfig(epochs=2))
    assert result.valid_metric is not None
    assert scores_of(result.network, bace.graphs).shape == (240, 3)


def test_without_validation_molecules_the_training_loss_decides(bace, split_at):
    result = train(small(bace), bace, split_at(240, 240, 0), TrainConfig(epochs=3))
    assert result.valid_metric is None
    losses = [epoch["train_loss"] for epoch in result.history]
    assert result.best_epoch == 1 + int(np.argmin(losses))


def test_one_class_in_validation_leaves_the_metric_out(label, split_at):
    smiles = ["C" * n for n in range(1, 9)]
    dataset = label(smiles, [[n % 2] for n in range(6)] + [[1], [1]])
    result = train(small(dataset), dataset, split_at(8, 6, 2), TrainConfig(epochs=3, warmup_epochs=0))
    assert [epoch["valid_metric"] for epoch in result.history] == [None] * 3
    assert result.best_epoch == 1 + int(np.argmin([epoch["valid_loss"] for epoch in result.history]))


def test_two_molecules_are_enough_even_with_batch_norm(label, split_at):
    dataset = label(["CCO", "CCN", "CCC"], [[0], [1], [1]])
    result = train(small(dataset, batch_norm=True), dataset, split_at(3, 2, 1), TrainConfig(epochs=2))
    assert all(tensor.isfinite().all() for tensor in weights(result.network))
    assert len({epoch["train_loss"] for epoch in result.history}) == 2


def test_gradient_clipping_bounds_the_norm(bace, bace_split, monkeypatch):
    norms = []
    clip = torch.nn.utils.clip_grad_norm_

    def spy(parameters, bound):
        parameters = list(parameters)
        clip(parameters, bound)
        norms.append(float(torch.cat([p.grad.flatten() for p in parameters]).norm()))

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", spy)
    train(small(bace), bace, bace_split, TrainConfig(epochs=1, grad_clip=1e-3))
    assert norms
    assert max(norms) <= 1.001e-3


def test_class_balance(bace, bace_split):
    heard = Heard()
    settings = TrainConfig(epochs=1, batch_size=10, class_balance=True)
    train(small(bace), bace, bace_split, settings, heard)
    rarer = int(min(np.bincount(bace.labels[bace_split.train, 0].astype(int))))
    assert len(heard.steps[""]) == math.ceil(2 * rarer / 10)
    two = replace(bace, labels=np.repeat(bace.labels, 2, axis=1), tasks=("a", "b"))
    with pytest.raises(UnsupportedError, match="class balance"):
        train(small(two), two, bace_split, settings)


def test_progress_counts_every_step(bace, bace_split):
    heard, epochs = Heard(), []
    settings = TrainConfig(epochs=2, n_members=2)
    train(small(bace), bace, bace_split, settings, heard, epochs.append)
    assert heard.steps[""] == [(i + 1, 12) for i in range(12)]
    assert len(epochs) == 4


def test_what_cannot_be_trained_is_said(bace, bace_split, label, split_at):
    with pytest.raises(InputError, match="cannot be trained on"):
        train(default_config("dmpnn", ("other",), "classification"), bace, bace_split, TrainConfig())
    nothing = label(["C", "CC"], [[math.nan], [1]])
    with pytest.raises(InputError, match="has a label"):
        train(small(nothing), nothing, split_at(2, 1, 1), TrainConfig())
    with pytest.raises(InputError, match="loss of epoch 1 is no longer finite"):
        train(small(bace), bace, bace_split, TrainConfig(epochs=2, warmup_epochs=0, max_lr=1e30))
    with pytest.raises(InputError, match="validation molecules are no longer finite"):
        train(small(bace), bace, bace_split, TrainConfig(epochs=1, warmup_epochs=0, max_lr=1e30, batch_size=240))
