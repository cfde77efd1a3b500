from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, mean_squared_error, roc_auc_score

from molq.engine.engine import Engine
from molq.errors import MolqWarning
from molq.results.plain import plain
from molq.training.config import TrainConfig
from molq.workflows.tuning.tested import CARD_METRICS
from molq.workflows.tuning.train import network_config, train, training_data

SETTINGS = TrainConfig(epochs=2, batch_size=32)


def trained(path, *tasks, **split):
    data = training_data(str(path), tasks=list(tasks), split="random", **{"fractions": (0.6, 0.2, 0.2), **split})
    return data, train(data, network_config(data.labelled, d_h=32, depth=2), SETTINGS, name="m")


@pytest.fixture(scope="module")
def classes(folder):
    return trained(folder / "table.csv", "active")


def test_every_number_is_of_the_executed_model(classes):
    data, made = classes
    labelled, split = data
    scores = Engine(made.model.network).scores(labelled.graphs)[:, 0]
    labels = labelled.labels[:, 0]
    found, training = made.training.tests[0], made.training
    assert training.metrics["roc_auc"].value == pytest.approx(roc_auc_score(labels[split.test], scores[split.test]))
    for name in CARD_METRICS["classification"]:
        assert made.model.card.metrics[f"test_{name}"]["value"] == training.metrics[name].value
    for confusion in (found.chosen, found.at_half):
        expected = confusion_matrix(labels[split.test], scores[split.test] >= confusion.threshold).ravel()
        counts = (confusion.true_negatives, confusion.false_positives)
        assert (*counts, confusion.false_negatives, confusion.true_positives) == tuple(expected)
    assert found.at_half.threshold == 0.5
    best = balanced_accuracy_score(labels[split.valid], scores[split.valid] >= found.chosen.threshold)
    for threshold in scores[split.valid]:
        assert best >= balanced_accuracy_score(labels[split.valid], scores[split.valid] >= threshold) - 1e-9
    assert training.curves[0].actives[-1] == labels[split.test].sum() == found.chosen.n_actives
    errors = np.abs(labels - scores)[split.test]
    assert [miss.row for miss in training.misses[:3]] == labelled.rows[split.test][np.argsort(-errors)[:3]].tolist()


def test_the_result_states_model_data_and_curve(classes):
    data, made = classes
    training = made.training
    assert (training.model.content_hash, training.model.size_bytes) == (made.model.content_hash, made.model.size_bytes)
    assert [epoch.epoch for epoch in training.curve] == [1, 2]
    side = training.dataset.tasks[0].test
    assert side.labelled == len(data.split.test) == training.split.n_test
    assert side.actives == int(data.labelled.labels[data.split.test, 0].sum())
    json.dumps(plain(training), allow_nan=False)


def test_a_regression_holds_predicted_against_measured(folder):
    data, made = trained(folder / "table.csv", "potency")
    test = made.training.tests[0]
    found = made.training.predicted[0]
    rmse = mean_squared_error(found.measured, found.predicted) ** 0.5
    assert made.training.metrics["rmse"].value == pytest.approx(rmse)
    assert (test.chosen, test.at_half, test.n) == (None, None, len(data.split.test))
    assert made.training.dataset.tasks[0].train.std > 0


def test_gaps_copies_and_rejected_rows_are_told(folder, tmp_path):
    lines = (folder / "table.csv").read_text().splitlines()
    odd = [lines[1], "C((,1,0.5", *(line.rpartition(",")[0] + "," for line in lines[2:30])]
    path = tmp_path / "gaps.csv"
    path.write_text("\n".join([*lines, *odd]) + "\n")
    with pytest.warns(MolqWarning, match="29 molecules stand in 58 rows"):
        training = trained(path, "active", "potency")[1].training
    assert training.dataset.kind == "regression"
    assert [row.smiles for row in training.dataset.rejected_rows] == ["C(("]
    assert training.dataset.duplicated == 58
    first, second = training.dataset.tasks
    assert first.train.labelled + first.valid.labelled + first.test.labelled == training.dataset.molecules
    assert second.train.labelled + second.valid.labelled + second.test.labelled == training.dataset.molecules - 28
    assert training.tests[1].n == second.test.labelled
    assert {miss.task for miss in training.misses} <= {"active", "potency"}


@pytest.mark.parametrize("fractions", [(0.8, 0.2, 0.0), (0.8, 0.0, 0.2)])
def test_a_side_may_be_empty(folder, fractions):
    _, made = trained(folder / "table.csv", "active", fractions=fractions)
    training = made.training
    if fractions[2]:
        assert training.tests[0].chosen is None
        assert training.tests[0].at_half.n_actives > 0
    else:
        assert (training.metrics, training.tests, training.misses, training.statistics) == ({}, (), (), None)
        assert set(made.model.card.metrics) == {"valid_roc_auc"}
