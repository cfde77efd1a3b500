"""Heads with more than a number: every column is what chemprop's own estimators make of the network."""

import csv
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from chemprop import models, nn
from chemprop.uncertainty import UncertaintyEstimatorRegistry as Estimators
from chemprop_networks import network, refused

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.engine.engine import Engine
from molq.interop.checkpoint import read_checkpoint
from molq.nn.ensemble import from_members
from molq.quant.convert import quantize
from molq.quant.scheme import get_scheme
from molq.store.card import Card
from molq.store.molqfile import decode, encode

PARITY = 1e-5
"""of the spread of the peer's column"""
CASES = Path(__file__).parents[3] / "shared" / "checkpoints"
TASKS = ["logS", "b c"]


def estimated(method, networks, batches):
    """What an estimator of chemprop says of the networks, averaged over them as ``chemprop predict`` does."""

    class Trainer:
        def predict(self, model, loader, **_options):
            return [model(batch) for batch in loader]

    with torch.inference_mode():
        predictions, uncertainties = Estimators[method]()(batches, networks, Trainer())
    return [x if x is None else x.mean(0).double().numpy() for x in (predictions, uncertainties)]


def mve(networks, batches):
    mean, variance = estimated("mve", networks, batches)
    return [mean, np.sqrt(variance)]


def evidential(networks, batches):
    kinds = ("total", "aleatoric", "epistemic")
    found = [estimated(f"evidential-{kind}", networks, batches) for kind in kinds]
    return [found[0][0], *(np.sqrt(variance) for _, variance in found)]


def quantile(networks, batches):
    mean, half = estimated("quantile-regression", networks, batches)
    return [mean, mean - half, mean + half]


def dirichlet(networks, batches):
    return estimated("classification-dirichlet", networks, batches)


def multiclass(networks, batches):
    return list(np.moveaxis(estimated("none", networks, batches)[0], 2, 0))


def multiclass_dirichlet(networks, batches):
    shares, uncertainty = estimated("multiclass-dirichlet", networks, batches)
    return [*np.moveaxis(shares, 2, 0), uncertainty]


HEADS = {
    "mve": (nn.MveFFN, mve, ["{}", "{}_std"]),
    "evidential": (nn.EvidentialFFN, evidential, ["{}", "{}_std", "{}_aleatoric", "{}_epistemic"]),
    "quantile": (nn.QuantileFFN, quantile, ["{}", "{}_lower", "{}_upper"]),
    "dirichlet": (nn.BinaryDirichletFFN, dirichlet, ["{}", "{}_uncertainty"]),
    "multiclass": (partial(nn.MulticlassClassificationFFN, 3), multiclass, ["{}_0", "{}_1", "{}_2"]),
    "multiclass dirichlet": (
        partial(nn.MulticlassDirichletFFN, 3),
        multiclass_dirichlet,
        ["{}_0", "{}_1", "{}_2", "{}_uncertainty"],
    ),
}


def made(name, tmp_path, seed=0, **options):
    """A network of chemprop with that head, and what is read of its file."""
    is_scaled = name in ("mve", "evidential", "quantile")
    peer = network(head=HEADS[name][0], n_tasks=2, scaled=is_scaled, seed=seed, **options)
    with torch.no_grad():
        peer.predictor.ffn[-1][-1].weight *= 12  # random networks tell molecules apart too little to be compared
    models.save_model(tmp_path / "model.pt", peer, TASKS)
    return peer, read_checkpoint(tmp_path / "model.pt").predictor


def assert_columns(found, expected):
    """Scores [n, C] against a list of [n, T], one for each part of a task."""
    expected = np.stack(expected, axis=2).reshape(len(found), -1)
    assert np.ptp(expected, axis=0).min() > 1e-4  # molecules must differ, or the comparison shows nothing
    rounding = 2 * np.finfo(np.float32).eps * np.abs(expected).max(axis=0)
    np.testing.assert_array_less(np.abs(found - expected).max(axis=0), PARITY * np.ptp(expected, axis=0) + rounding)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("name", HEADS)
def test_columns_are_those_of_the_peer_before_and_after_a_file(name, tmp_path, graphs, batches):
    _, estimator, names = HEADS[name]
    peer, predictor = made(name, tmp_path)
    expected = estimator([peer], batches("V2"))
    assert [column.name for column in predictor.columns] == [part.format(task) for task in TASKS for part in names]
    assert_columns(Engine(predictor).scores(graphs), expected)
    loaded = decode(encode(predictor, Card("m")), "m").network
    assert loaded.columns == predictor.columns
    assert np.array_equal(Engine(loaded).scores(graphs), Engine(predictor).scores(graphs))


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("name", HEADS)
def test_an_ensemble_averages_what_the_peer_averages(name, tmp_path, graphs, batches):
    pairs = [made(name, tmp_path, seed) for seed in range(3)]
    ensemble = from_members([predictor for _, predictor in pairs])
    expected = HEADS[name][1]([peer for peer, _ in pairs], batches("V2"))
    assert_columns(Engine(ensemble).scores(graphs), expected)
    both = Engine(ensemble, spread=True)
    assert [c.name for c in both.columns[len(ensemble.columns) :]] == [f"{c.name}_spread" for c in ensemble.columns]
    alone = np.stack([Engine(predictor).scores(graphs) for _, predictor in pairs]).astype(np.float64)
    scores = both.scores(graphs)
    assert np.array_equal(scores[:, : len(ensemble.columns)], Engine(ensemble).scores(graphs))
    np.testing.assert_allclose(scores[:, len(ensemble.columns) :], alone.std(axis=0), rtol=1e-3, atol=1e-5)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("scheme", ["int8", "w4a8"])
@pytest.mark.parametrize("name", HEADS)
def test_quantized_columns_keep_their_meaning(name, scheme, tmp_path, graphs):
    _, predictor = made(name, tmp_path)
    made_small = quantize(predictor, get_scheme(scheme), [slice_graphs(graphs, 0, 64)])
    scores = Engine(made_small).scores(graphs)
    assert np.isfinite(scores).all()
    exact = Engine(predictor).scores(graphs)
    parts = [column.part for column in predictor.columns]
    for i, part in enumerate(parts):
        if part in ("std", "aleatoric", "epistemic"):
            assert (scores[:, i] > 0).all()
        assert np.corrcoef(scores[:, i], exact[:, i])[0, 1] > 0.8
    if "class" in parts:
        classes = scores[:, [part == "class" for part in parts]].reshape(len(scores), 2, 3)
        np.testing.assert_allclose(classes.sum(axis=2), 1, atol=1e-6)
    if name == "evidential":
        _, std, aleatoric, epistemic = scores.reshape(len(scores), 2, 4).astype(np.float64).transpose(2, 0, 1)
        np.testing.assert_allclose(std**2, aleatoric**2 + epistemic**2, rtol=1e-5)


def test_a_head_whose_width_no_tasks_explain_is_refused(tmp_path):
    for head, hyper, words in (
        (HEADS["mve"][0], {}, "3 numbers, which is no multiple of the 2 of each task"),
        (HEADS["multiclass"][0], {"n_classes": 1}, "n_classes must lie between 2 and 1,000, not 1"),
        (HEADS["multiclass"][0], {"n_classes": 4}, "no multiple of the 4"),
    ):
        model = network(head=head)
        content = {"hyper_parameters": model.hparams, "state_dict": dict(model.state_dict())}
        content["hyper_parameters"]["predictor"].update(hyper)
        if not hyper:
            for part in ("weight", "bias"):
                key = f"predictor.ffn.1.2.{part}"
                content["state_dict"][key] = content["state_dict"][key][:3]
        refused(tmp_path / "odd.pt", content, words)


@pytest.mark.skipif(not CASES.is_dir(), reason="the checkpoints lie beside the project, in ../shared/checkpoints")
@pytest.mark.parametrize("case", ["18-head-evidential", "18-head-multiclass", "18-head-mve", "18-head-quantile"])
def test_checkpoints_that_people_have_give_the_peers_predictions(case):
    predictor = read_checkpoint(CASES / case / "out" / "model_0" / "best.pt").predictor
    with open(CASES / case / "expected.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    if predictor.kind == "multiclass":
        expected = np.array([json.loads(f"[{row['cls_prob']}]") for row in rows])
    else:
        expected = np.array([[float(row["exp"])] for row in rows])
    scores = Engine(predictor).scores(featurize([row["smiles"] for row in rows]).graphs)
    found = scores[:, [column.is_prediction for column in predictor.columns]]
    assert (np.abs(found - expected).max(axis=0) < PARITY * np.ptp(expected, axis=0)).all()
