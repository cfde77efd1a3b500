"""Parity with chemprop 1.6.1's own predictions, and with networks of chemprop 2 where both compute the same."""

from argparse import Namespace
from functools import partial

import numpy as np
import pytest
import torch
from chemprop import models, nn
from chemprop_networks import network, refused, v1_content

import molq
from molq.interop.checkpoint import read_checkpoint
from molq.interop.chemprop_v1 import is_chemprop_v1
from molq.interop.sources import import_model

ACTIVATIONS = {"relu": "ReLU", "leakyrelu": "LeakyReLU", "prelu": "PReLU", "tanh": "tanh", "selu": "SELU", "elu": "ELU"}
VARIETIES = {
    "defaults": ({}, {}),
    "mean": ({"agg": "mean"}, {"aggregation": "mean"}),
    "sum": ({"agg": "sum"}, {"aggregation": "sum"}),
    "classification": ({"head": nn.BinaryClassificationFFN}, {"loss_function": "binary_cross_entropy"}),
    "undirected": ({"undirected": True}, {"undirected": True}),
    "deep": ({"depth": 5, "ffn_layers": 3}, {"depth": 5, "ffn_num_layers": 4}),
    "linear head": ({"ffn_layers": 0}, {"ffn_num_layers": 1}),
    "dropout": ({"dropout": 0.2}, {"dropout": 0.2}),
    "scaled": (
        {"scaled": True},
        {"scaler": {"means": np.array([-2.5, -1.5]), "stds": np.array([0.5, 1.5])}},
    ),
    "atoms": ({"passing": nn.AtomMessagePassing}, {"atom_messages": True}),
    "prelu in a deep head": (
        {"activation": "prelu", "ffn_activation": "prelu", "ffn_layers": 3},
        {"activation": "PReLU", "ffn_num_layers": 4},
    ),
    **{
        name: ({"activation": name, "ffn_activation": name}, {"activation": word})
        for name, word in ACTIVATIONS.items()
        if name != "relu"
    },
}


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("variety", VARIETIES)
def test_scores_equal_those_of_the_same_network_in_chemprop_2(variety, tmp_path, assert_parity):
    options, args = VARIETIES[variety]
    model = network(feature_set="V1", **options)
    torch.save(v1_content(model, **args), tmp_path / "model.pt")
    predictor = read_checkpoint(tmp_path / "model.pt").predictor
    assert predictor.tasks == ("a", "b")
    assert_parity(predictor, model, "V1")


HEADS = {
    "mve": (nn.MveFFN, {"dataset_type": "regression"}),
    "evidential": (nn.EvidentialFFN, {"dataset_type": "regression"}),
    "dirichlet": (nn.BinaryDirichletFFN, {"dataset_type": "classification"}),
    "cross_entropy": (partial(nn.MulticlassClassificationFFN, 4), {"dataset_type": "multiclass"}),
    "mcc": (partial(nn.MulticlassClassificationFFN, 4), {"dataset_type": "multiclass"}),
}


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("loss", HEADS)
def test_heads_are_those_that_chemprop_2_has_of_the_same_weights(loss, tmp_path):
    head, args = HEADS[loss]
    is_scaled = args["dataset_type"] == "regression"
    model = network(feature_set="V1", head=head, scaled=is_scaled)
    models.save_model(tmp_path / "2.pt", model, ["a", "b"])
    scaler = {"means": np.array([-2.5, -1.5]), "stds": np.array([0.5, 1.5])} if is_scaled else None
    torch.save(
        v1_content(model, loss_function=loss, multiclass_num_classes=4, scaler=scaler, **args), tmp_path / "1.pt"
    )
    old, new = (read_checkpoint(tmp_path / name).predictor for name in ("1.pt", "2.pt"))
    assert old.config == new.config
    assert old.state_dict().keys() == new.state_dict().keys()
    assert all(torch.equal(value, new.state_dict()[key]) for key, value in old.state_dict().items())


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("40-v1-abaucin-nordkit", "expected_v1.csv"),
        ("41-v1-abaucin-rdkit", "expected_v1.csv"),
        ("43-v161-trained-here", "expected.csv"),
        ("48-v1-adding-h", "expected.csv"),
        ("49-v1-bias", "expected.csv"),
    ],
)
def test_published_models_give_chemprop_1s_own_predictions(name, table, published, assert_as_published):
    folder = published(name)
    assert_as_published(molq.import_checkpoint(folder), folder / table)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_older_names_and_missing_args_are_read_as_chemprop_1_reads_them(tmp_path, assert_parity):
    model = network(feature_set="V1", agg="mean")
    content = v1_content(model)
    for key in ("aggregation", "aggregation_norm", "activation", "ffn_num_layers", "depth", "task_names"):
        delattr(content["args"], key)
    content["args"].target_columns = ["x", "y"]
    content["state_dict"] = {
        key.replace("encoder.encoder.0.", "encoder.encoder.").replace("readout.", "ffn."): value
        for key, value in content["state_dict"].items()
    }
    torch.save(content, tmp_path / "model.pt")
    predictor = read_checkpoint(tmp_path / "model.pt").predictor
    assert predictor.tasks == ("x", "y")
    assert_parity(predictor, model, "V1")


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_a_model_with_biases_is_padded_and_says_for_which_batches(tmp_path):
    torch.save(v1_content(network(feature_set="V1", bias=True, depth=1), bias=True, depth=1), tmp_path / "model.pt")
    imported = import_model([tmp_path / "model.pt"])
    assert imported.network.config.padded_degree == 4
    encoder = imported.network.encoder
    assert torch.equal(encoder.padding.b_o, encoder.act(encoder.W_i_atom.bias) @ encoder.W_o_msg.weight.T)
    assert "at most 4 neighbours" in imported.provenance["notes"][0]
    model = molq.import_checkpoint(tmp_path / "model.pt")
    model.save(tmp_path / "m.molq")
    assert np.array_equal(molq.load(tmp_path / "m.molq").predict(["CCO", "C"]), model.predict(["CCO", "C"]))


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_folds_are_an_ensemble_aligned_by_their_tasks(tmp_path):
    for fold, tasks in enumerate((["a", "b"], ["b", "a"])):
        folder = tmp_path / f"fold_{fold}" / "model_0"
        folder.mkdir(parents=True)
        torch.save(v1_content(network(feature_set="V1", seed=fold), task_names=tasks), folder / "model.pt")
    model = molq.import_checkpoint(tmp_path)
    assert model.tasks == ("a", "b")
    assert [file["name"] for file in model.card.provenance["files"]] == ["model.pt", "model.pt"]
    assert "1 member put into the order of the first" in model.card.provenance["notes"][0]


def changed(state=None, root=None, **args):
    def make():
        content = v1_content(network(feature_set="V1"), **args)
        content["state_dict"].update(state or {})
        for key, value in content["state_dict"].copy().items():
            if value is None:
                del content["state_dict"][key]
        return content | (root or {})

    return make


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (changed(bias=True), "args state bias=True for message passing, and its weights hold none"),
        (changed(depth=2.5), "depth is no whole number"),
        (changed(depth="3"), "depth is no finite number"),
        (changed(hidden_size=300), "hidden_size 300, and its weights are for 24"),
        (changed(ffn_num_layers=3), "ffn_num_layers 3, and its weights are for 2"),
        (changed(undirected=1), "undirected is neither true nor false"),
        (changed(activation="GELU"), "activation is 'GELU', and molq imports ReLU"),
        (changed(aggregation=["mean"]), "aggregation is no text"),
        (changed(dataset_type=None), "dataset_type is no text"),
        (changed(task_names=["a"]), "2 tasks, and its args name 1"),
        (changed(atom_messages=True), "features"),
        (changed(scaler={"means": np.zeros(3), "stds": np.ones(3)}), "3 means for 2 tasks"),
        (changed(scaler={"means": np.zeros(2), "stds": np.array([1, np.nan])}), "stds hold values"),
        (changed(scaler={"means": np.zeros((2, 1)), "stds": np.ones(2)}), "means are no row of numbers"),
        (changed(scaler={"means": np.zeros(2)}), "stds are no row of numbers"),
        (changed(root={"data_scaler": [1]}), "means are no row of numbers"),
        (changed(dataset_type="classification", scaler={"means": np.zeros(2), "stds": np.ones(2)}), "scales its"),
        (changed(state={"encoder.encoder.0.W_h.weight": None}), "W_h.weight is missing"),
        (changed(state={"encoder.encoder.0.W_x.weight": torch.ones(2)}), "does not know: encoder.encoder.0.W_x.weight"),
        (changed(state={"encoder.encoder.W_o.bias": torch.ones(24)}), "W_o.bias under two names"),
        (changed(state={"readout.1.weight": torch.full((20, 24), torch.nan)}), "finite"),
        (changed(state={"readout.6.weight": torch.ones(1)}), "does not know: readout.6.weight"),
        (changed(root={"args": Namespace()}), "args are empty"),
        (changed(root={"args": Namespace(dataset_type="regression")}), "hidden_size 300"),
    ],
)
def test_files_that_contradict_themselves_are_refused(make, words, tmp_path):
    refused(tmp_path / "bad.pt", make(), words)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("of_args", ["list", "dict", "text"])
def test_args_that_are_no_namespace_are_no_chemprop_1_model(of_args, tmp_path):
    content = changed()() | {"args": {"list": [1], "dict": {"depth": 3}, "text": "depth=3"}[of_args]}
    assert not is_chemprop_v1(content)
    refused(tmp_path / "bad.pt", content, "it holds weights and no hyper-parameters")


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_args_run_no_code(tmp_path):
    marker = tmp_path / "ran"
    for where in ({"task_names": Evil(str(marker))}, {"scaler": {"means": Evil(str(marker)), "stds": 1}}):
        refused(tmp_path / "bad.pt", changed(**where)(), "asks for .*open.*nothing of the file was run")
    assert not marker.exists()


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize(
    "key",
    [
        "depth",
        "aggregation",
        "undirected",
        "activation",
        "dataset_type",
        "task_names",
        "features_generator",
        "multiclass_num_classes",
        "reaction",
    ],
)
def test_a_nest_of_shared_containers_is_told_in_one_bounded_line(key, tmp_path):
    nest = ["x" * 100]
    for _ in range(60):
        nest = [nest, nest]
    args = {"dataset_type": "multiclass"} if key == "multiclass_num_classes" else {}
    torch.save(changed(**args, **{key: nest})(), tmp_path / "bad.pt")
    if key == "task_names":  # no list of names: the tasks are numbered
        assert read_checkpoint(tmp_path / "bad.pt").predictor.tasks == ("task_0", "task_1")
        return
    refused(tmp_path / "bad.pt", changed(**args, **{key: nest})(), key)
