"""What a checkpoint says of itself becomes a configuration, or the reason why there is none."""

import numpy as np
import pytest
import torch
from chemprop import featurizers, models, nn
from chemprop_networks import checkpoint, network, refused, with_changes

from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint
from molq.interop.chemprop_config import checkpoint_config, head_key
from molq.interop.inert import Global, Instance, StorageRef, TensorRef
from molq.nn.activation import ActivationSettings
from molq.nn.config import PredictorConfig

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning")


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_a_spectral_head_is_refused_by_name(tmp_path):
    refused(tmp_path / "head.pt", checkpoint(network(head=nn.SpectralFFN)), "spectral")


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_models_that_are_not_offered_are_refused_by_name(tmp_path):
    path = tmp_path / "model.pt"
    blocks = nn.MulticomponentMessagePassing([nn.BondMessagePassing(d_h=8), nn.BondMessagePassing(d_h=8)], 2)
    multi = models.MulticomponentMPNN(blocks, nn.MeanAggregation(), nn.RegressionFFN(input_dim=16))
    refused(path, checkpoint(multi), "multicomponent")
    atoms = models.MolAtomBondMPNN(nn.MABBondMessagePassing(d_h=8), atom_predictor=nn.RegressionFFN(input_dim=8))
    refused(path, checkpoint(atoms), "atom and bond properties")
    described = models.MPNN(nn.BondMessagePassing(d_h=8, d_vd=3), nn.MeanAggregation(), nn.RegressionFFN(input_dim=11))
    refused(path, checkpoint(described), "extra atom descriptors")
    wide = models.MPNN(nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.RegressionFFN(input_dim=13))
    refused(path, checkpoint(wide), "takes 5 numbers beside the graph.s vector")
    scaler = nn.ScaleTransform(np.zeros(5), np.ones(5))
    scaled = models.MPNN(
        nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.RegressionFFN(input_dim=13), X_d_transform=scaler
    )
    refused(path, checkpoint(scaled), "takes 5 numbers beside the graph.s vector")
    graph = nn.GraphTransform(nn.ScaleTransform(np.zeros(72), np.ones(72)), torch.nn.Identity())
    passing = nn.BondMessagePassing(d_h=8, graph_transform=graph)
    refused(path, checkpoint(models.MPNN(passing, nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))), "graph_transf")
    reaction = featurizers.CondensedGraphOfReactionFeaturizer()
    passing = nn.BondMessagePassing(*reaction.shape, d_h=8)
    refused(path, checkpoint(models.MPNN(passing, nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))), "reaction")
    passing = nn.BondMessagePassing(d_v=75, d_h=8)
    refused(path, checkpoint(models.MPNN(passing, nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))), "75 atom")


def test_an_identity_graph_transform_is_accepted(tmp_path):
    graph = nn.GraphTransform(torch.nn.Identity(), torch.nn.Identity())
    model = network(graph_transform=graph)
    torch.save(checkpoint(model), tmp_path / "model.pt")
    assert read_checkpoint(tmp_path / "model.pt").predictor.config.d_h == 24


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"hyper_parameters": {}, "state_dict": {}}, "no message_passing block"),
        ({"hyper_parameters": {"message_passing": {}, "agg": {}, "predictor": {}}, "state_dict": {}}, "its class"),
        (lambda: with_changes({"d_h": 10**9}), "states d_h"),
        (lambda: with_changes({"bias": True}), "state bias=True for message passing, and its state dict holds none"),
        (lambda: with_changes({"d_v": [72]}), "states d_v"),
        (lambda: with_changes({"depth": 10**9}), "depth"),
        (lambda: with_changes({"depth": "3"}), "depth is no number"),
        (lambda: with_changes({"depth": 0}), "depth"),
        (lambda: with_changes({"activation": "softplus"}), "softplus"),
        (lambda: with_changes({"activation": 3}), "activation"),
        (lambda: with_changes({"dropout": 2.0}), "dropout"),
        (lambda: with_changes(state={"message_passing.W_h.weight": None}), "W_h.weight is missing"),
        (lambda: with_changes(state={"message_passing.W_h.weight": torch.ones(24)}), "W_h.weight is missing"),
    ],
)
def test_checkpoints_that_contradict_themselves_are_refused(tmp_path, content, words):
    refused(tmp_path / "bad.pt", content() if callable(content) else content, words)


def described(architecture="Bond", d_v=72, d_e=14, d_h=24, head=((2, 24),), bias=False, **changes):
    """Hyper-parameters and state of a checkpoint as they are unpickled, without any weight."""
    in_width, hidden_width = (d_v + d_e, d_h) if architecture == "Bond" else (d_v, d_h + d_e)
    shapes = {
        "message_passing.W_i.weight": (d_h, in_width),
        "message_passing.W_h.weight": (d_h, hidden_width),
        "message_passing.W_o.weight": (d_h, d_v + d_h),
        **{head_key(k): shape for k, shape in enumerate(head)},
    }
    if bias:
        shapes["message_passing.W_i.bias"] = (d_h,)
    state = {key: TensorRef(StorageRef("0", "<f4", 1), 0, shape, (1,)) for key, shape in shapes.items()}
    hyper = {
        "message_passing": {"cls": Global("chemprop.nn.message_passing.base", f"{architecture}MessagePassing")},
        "agg": {"cls": Global("chemprop.nn.agg", "MeanAggregation")},
        "predictor": {"cls": Global("chemprop.nn.predictors", "RegressionFFN")},
    }
    for path, value in changes.items():
        block, key = path.split("__")
        hyper[block][key] = value
    return hyper, state


def module(name, state=None):
    return Instance(Global("torch.nn.modules.activation", name), (), state)


def by_name(name):
    return Instance(Global("chemprop.nn.utils", "Activation"), (name,))


@pytest.mark.parametrize("architecture", ["Bond", "Atom"])
@pytest.mark.parametrize(
    ("name", "d_v", "d_e"), [("V1", 133, 14), ("V2", 72, 14), ("ORGANIC", 44, 14), ("RIGR", 52, 2)]
)
def test_the_feature_set_and_the_widths_follow_from_the_shapes(architecture, name, d_v, d_e):
    hyper, state = described(architecture, d_v, d_e, 40, ((17, 40), (9, 17), (3, 9)), bias=True)
    config = checkpoint_config(hyper, state, None)
    assert config == PredictorConfig(
        {"Bond": "dmpnn", "Atom": "ampnn"}[architecture], ("task_0", "task_1", "task_2"), "regression",
        feature_set=name, d_h=40, bias=True, readout="mean", head_hidden=(17, 9),
    )  # fmt: skip


def test_what_is_stated_is_taken_and_what_is_not_is_chemprops_default():
    plain = checkpoint_config(*described(agg__cls=Global("chemprop.nn.agg", "NormAggregation")), None)
    assert (plain.depth, plain.dropout, plain.undirected, plain.bias) == (3, 0.0, False, False)
    assert (plain.activation, plain.head_activation, plain.readout, plain.readout_norm) == ("relu", "relu", "norm", 100)
    stated = checkpoint_config(
        *described(
            message_passing__depth=5,
            message_passing__dropout=0.25,
            message_passing__undirected=True,
            message_passing__activation=by_name("LEAKYRELU"),
            predictor__activation=module("ELU", {"alpha": 0.5, "inplace": True}),
            predictor__cls=Global("chemprop.nn.predictors", "BinaryClassificationFFN"),
            agg__cls=Global("chemprop.nn.agg", "NormAggregation"),
            agg__norm=12,
        ),
        ["a", "b"],
    )
    assert (stated.depth, stated.dropout, stated.undirected, stated.kind) == (5, 0.25, True, "classification")
    assert (stated.activation, stated.head_activation, stated.readout_norm) == ("leakyrelu", "elu", 12.0)
    assert stated.head_activation_settings == ActivationSettings(alpha=0.5)
    assert not stated.activation_settings
    assert not stated.activated_residual  # the head has none
    assert stated.tasks == ("a", "b")
    assert checkpoint_config(*described(agg__norm=12), None).readout_norm == 100.0  # of no meaning to a mean


@pytest.mark.parametrize("value", [True, "0.1", None, [1]])
@pytest.mark.parametrize("key", ["depth", "dropout"])
def test_a_number_that_is_none_is_refused(key, value):
    with pytest.raises(CheckpointError, match=f"{key} is no number"):
        checkpoint_config(*described(**{f"message_passing__{key}": value}), None)


def test_only_identities_count_as_no_transform():
    identity = Instance(Global("torch.nn.modules.linear", "Identity"), ())
    graph = Global("chemprop.nn.transforms", "GraphTransform")
    good = Instance(graph, (), {"_modules": {"V_transform": identity, "E_transform": identity}})
    scale = Instance(Global("chemprop.nn.transforms", "ScaleTransform"), ())
    for transform in (None, identity, good):
        checkpoint_config(*described(message_passing__graph_transform=transform), None)
    for transform in (
        "identity",
        scale,
        Instance(graph, ()),
        Instance(graph, (), {"_modules": [identity]}),
        Instance(graph, (), {"_modules": {"V_transform": identity, "E_transform": scale}}),
        Instance(graph, (), {"_modules": {"V_transform": good}}),
    ):
        with pytest.raises(CheckpointError, match="graph_transform"):
            checkpoint_config(*described(message_passing__graph_transform=transform), None)
        with pytest.raises(CheckpointError, match="V_d_transform"):
            checkpoint_config(*described(message_passing__V_d_transform=transform), None)


def test_a_matrix_for_no_descriptors_is_left_alone():
    """chemprop 2.0 makes one in every model of its command line, d_h wide, and never multiplies with it."""
    hyper, state = described(message_passing__d_vd=0)
    state["message_passing.W_d.weight"] = TensorRef(StorageRef("0", "<f4", 1), 0, (24, 24), (1,))
    assert checkpoint_config(hyper, state, None) == checkpoint_config(*described(), None)
    state["message_passing.W_d.weight"] = TensorRef(StorageRef("0", "<f4", 1), 0, (27, 27), (1,))
    for width in (3, None, "0", ((),)):
        with pytest.raises(CheckpointError, match="extra atom descriptors"):
            checkpoint_config({**hyper, "message_passing": {**hyper["message_passing"], "d_vd": width}}, state, None)


def test_a_class_of_an_unknown_name_is_named():
    with pytest.raises(CheckpointError, match=r"an unknown class in its agg block \(MyPool\).*imports MeanAggregation"):
        checkpoint_config(*described(agg__cls=Global("chemprop.nn.agg", "MyPool")), None)
    with pytest.raises(CheckpointError, match="its agg block does not name its class"):
        checkpoint_config(*described(agg__cls="MeanAggregation"), None)


@pytest.mark.parametrize("key", ["d_v", "d_e", "d_h", "depth", "dropout", "activation"])
def test_a_nest_of_shared_containers_is_refused_without_being_written_out(key):
    nest = ()
    for _ in range(200):
        nest = (nest, nest)
    with pytest.raises(CheckpointError) as caught:
        checkpoint_config(*described(**{f"message_passing__{key}": nest}), None)
    assert len(str(caught.value)) < 200


def test_messages_stay_short_whatever_a_checkpoint_says():
    for key, value in (("depth", 2**62), ("depth", -1)):
        with pytest.raises(CheckpointError, match="hyper-parameters make no predictor") as caught:
            checkpoint_config(*described(**{f"message_passing__{key}": value}), None)
        assert len(str(caught.value)) < 250
