"""Parity with chemprop's own forward pass, which is the oracle here."""

import numpy as np
import pytest
import torch

from molq.errors import CheckpointError
from molq.interop.chemprop import read_predictor

chemprop = pytest.importorskip("chemprop")
from chemprop import data, featurizers, models, nn  # noqa: E402


def network(
    *,
    passing=nn.BondMessagePassing,
    agg="norm",
    head=nn.RegressionFFN,
    feature_set="V2",
    n_tasks=2,
    d_h=24,
    batch_norm=False,
    ffn_hidden=20,
    ffn_layers=1,
    ffn_activation="relu",
    scaled=False,
    seed=0,
    **passing_options,
):
    """A chemprop model with random weights, its biases, slopes and running statistics all away from their defaults."""
    torch.manual_seed(seed)
    d_v, d_e = {"V1": (133, 14), "V2": (72, 14), "ORGANIC": (44, 14), "RIGR": (52, 2)}[feature_set]
    aggregation = {
        "mean": nn.MeanAggregation,
        "sum": nn.SumAggregation,
        "norm": lambda: nn.NormAggregation(norm=37.5),
        "attentive": lambda: nn.AttentiveAggregation(output_size=d_h),
    }[agg]()
    scale = nn.UnscaleTransform(np.arange(n_tasks) - 2.5, np.arange(n_tasks) + 0.5) if scaled else None
    ffn = head(
        n_tasks=n_tasks,
        input_dim=d_h,
        hidden_dim=ffn_hidden,
        n_layers=ffn_layers,
        activation=ffn_activation,
        output_transform=scale,
    )
    model = models.MPNN(passing(d_v=d_v, d_e=d_e, d_h=d_h, **passing_options), aggregation, ffn, batch_norm)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.uniform_(-0.3, 0.3)
            elif parameter.numel() == 1:
                parameter.fill_(0.13)
        if batch_norm:
            model.bn.running_mean.uniform_(-0.2, 0.2)
            model.bn.running_var.uniform_(0.2, 2.0)
            model.bn.weight.uniform_(0.5, 1.5)
            model.bn.num_batches_tracked.fill_(7)
    return model.eval()


BOND, ATOM = nn.BondMessagePassing, nn.AtomMessagePassing
CLASSIFIER = nn.BinaryClassificationFFN
VARIETIES = {
    "defaults": {},
    "classification": {"head": CLASSIFIER, "n_tasks": 3},
    "one task": {"head": CLASSIFIER, "n_tasks": 1},
    "unscaled": {"scaled": True, "n_tasks": 4},
    "mean": {"agg": "mean"},
    "sum": {"agg": "sum"},
    "attentive": {"agg": "attentive"},
    "attentive classification": {"agg": "attentive", "head": CLASSIFIER, "batch_norm": True},
    "batch norm": {"batch_norm": True, "agg": "mean"},
    "bias": {"bias": True},
    "undirected": {"undirected": True, "agg": "mean"},
    "undirected bias": {"undirected": True, "bias": True, "depth": 4},
    "depth 1": {"depth": 1},
    "depth 2": {"depth": 2, "bias": True},
    "depth 6": {"depth": 6, "agg": "mean"},
    "relu by enum": {"activation": nn.utils.Activation.RELU},
    "leakyrelu": {"activation": "leakyrelu", "ffn_activation": "leakyrelu"},
    "prelu": {"activation": "prelu", "ffn_activation": "prelu", "ffn_layers": 3},
    "tanh": {"activation": "tanh", "ffn_activation": "tanh", "agg": "mean"},
    "elu": {"activation": "elu", "ffn_activation": "elu"},
    "selu": {"activation": torch.nn.SELU(), "ffn_activation": "selu"},
    "modules": {"activation": torch.nn.LeakyReLU(0.1), "ffn_activation": torch.nn.PReLU(), "ffn_layers": 2},
    "mixed activations": {"activation": "elu", "ffn_activation": "tanh", "ffn_layers": 2},
    "deep head": {"ffn_layers": 3, "ffn_hidden": 11},
    "tapered head": {"ffn_layers": 2, "ffn_hidden": [17, 9]},
    "linear head": {"ffn_layers": 0},
    "dropout": {"dropout": 0.4},
    "V1": {"feature_set": "V1"},
    "ORGANIC": {"feature_set": "ORGANIC", "bias": True},
    "RIGR": {"feature_set": "RIGR", "head": CLASSIFIER},
    "odd width": {"d_h": 33, "agg": "sum", "head": CLASSIFIER},
    "atoms": {"passing": ATOM},
    "atoms classification": {"passing": ATOM, "head": CLASSIFIER, "bias": True, "agg": "attentive"},
    "atoms undirected": {"passing": ATOM, "undirected": True, "agg": "mean", "depth": 4},
    "atoms depth 1": {"passing": ATOM, "depth": 1, "batch_norm": True},
    "atoms prelu": {"passing": ATOM, "activation": "prelu", "scaled": True, "undirected": True, "bias": True},
    "atoms RIGR": {"passing": ATOM, "feature_set": "RIGR", "agg": "sum"},
}


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("variety", VARIETIES)
def test_scores_equal_chemprops(variety, tmp_path, assert_parity):
    options = VARIETIES[variety]
    model = network(**options)
    models.save_model(tmp_path / "model.pt", model)
    assert_parity(read_predictor(tmp_path / "model.pt"), model, options.get("feature_set", "V2"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory, smiles):
    """A model trained by chemprop for two epochs, as its .pt and as Lightning's .ckpt; (folder, model)."""
    from lightning import pytorch as pl

    folder = tmp_path_factory.mktemp("trained")
    targets = [[s.count("O") + 0.1 * len(s), s.count("c")] for s in smiles[:200]]
    points = [data.MoleculeDatapoint.from_smi(s, np.array(y)) for s, y in zip(smiles, targets, strict=False)]
    dataset = data.MoleculeDataset(points)
    unscale = nn.UnscaleTransform.from_standard_scaler(dataset.normalize_targets())
    torch.manual_seed(1)
    head = nn.RegressionFFN(n_tasks=2, input_dim=40, hidden_dim=30, activation="prelu", output_transform=unscale)
    passing = nn.BondMessagePassing(d_h=40, activation="prelu", dropout=0.1)
    model = models.MPNN(passing, nn.AttentiveAggregation(output_size=40), head, True, [nn.metrics.RMSE()])
    saver = pl.callbacks.ModelCheckpoint(dirpath=folder, filename="best", monitor="train_loss", save_last=True)
    trainer = pl.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[saver],
    )
    trainer.fit(model, data.build_dataloader(dataset, batch_size=32, num_workers=0))
    models.save_model(folder / "model.pt", model, ["oxygens", "carbons"])
    return folder, model.eval()


@pytest.mark.filterwarnings("ignore")  # Lightning's own, while it trains
def test_a_trained_model_and_its_checkpoint_equal_chemprops(trained, assert_parity):
    folder, model = trained
    for name, tasks in (("model.pt", ("oxygens", "carbons")), ("last.ckpt", ("task_0", "task_1"))):
        predictor = read_predictor(folder / name)
        assert predictor.tasks == tasks
        assert not predictor.training
        assert_parity(predictor, model)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_task_names(tmp_path):
    models.save_model(tmp_path / "named.pt", network(), ["a", "b"])
    assert read_predictor(tmp_path / "named.pt").tasks == ("a", "b")
    assert read_predictor(tmp_path / "named.pt", ["x", "y"]).tasks == ("x", "y")
    with pytest.raises(CheckpointError, match="2 tasks, and 1 names"):
        read_predictor(tmp_path / "named.pt", ["x"])
    with pytest.raises(CheckpointError, match="distinct"):
        read_predictor(tmp_path / "named.pt", ["x", "x"])


def refused(path, content, words):
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=words) as caught:
        read_predictor(path)
    assert str(caught.value).startswith(f"{path}: ")


def checkpoint(model):
    return {"hyper_parameters": model.hparams, "state_dict": dict(model.state_dict())}


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize(
    ("head", "words"),
    [
        (nn.MveFFN, "MVE"),
        (nn.EvidentialFFN, "evidential"),
        (nn.QuantileFFN, "quantile"),
        (nn.BinaryDirichletFFN, "Dirichlet"),
        (nn.SpectralFFN, "spectral"),
        (lambda **options: nn.MulticlassClassificationFFN(3, **options), "multiclass head"),
        (lambda **options: nn.MulticlassDirichletFFN(3, **options), "multiclass Dirichlet"),
    ],
)
def test_heads_that_are_not_offered_are_refused_by_name(tmp_path, head, words):
    refused(tmp_path / "head.pt", checkpoint(network(head=head)), words)


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
    refused(path, checkpoint(wide), "5 extra molecule descriptors")
    scaler = nn.ScaleTransform(np.zeros(5), np.ones(5))
    scaled = models.MPNN(
        nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.RegressionFFN(input_dim=13), X_d_transform=scaler
    )
    refused(path, checkpoint(scaled), "extra molecule descriptors")
    graph = nn.GraphTransform(nn.ScaleTransform(np.zeros(72), np.ones(72)), torch.nn.Identity())
    passing = nn.BondMessagePassing(d_h=8, graph_transform=graph)
    refused(path, checkpoint(models.MPNN(passing, nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))), "graph_transf")
    reaction = featurizers.CondensedGraphOfReactionFeaturizer()
    passing = nn.BondMessagePassing(*reaction.shape, d_h=8)
    refused(path, checkpoint(models.MPNN(passing, nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))), "reaction")
    passing = nn.BondMessagePassing(d_v=75, d_h=8)
    refused(path, checkpoint(models.MPNN(passing, nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))), "75 atom")
    refused(path, checkpoint(network(activation=torch.nn.LeakyReLU(0.3))), "negative_slope")
    refused(path, checkpoint(network(activation=torch.nn.GELU())), "GELU")


def test_an_identity_graph_transform_is_accepted(tmp_path):
    graph = nn.GraphTransform(torch.nn.Identity(), torch.nn.Identity())
    model = network(graph_transform=graph)
    torch.save(checkpoint(model), tmp_path / "model.pt")
    assert read_predictor(tmp_path / "model.pt").config.d_h == 24


def with_changes(hyper=None, state=None):
    content = checkpoint(network())
    content["hyper_parameters"]["message_passing"].update(hyper or {})
    for key, value in (state or {}).items():
        if value is None:
            del content["state_dict"][key]
        else:
            content["state_dict"][key] = value
    return content


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([1, 2], "no chemprop v2 model"),
        ({"state_dict": {}}, "no chemprop v2 model"),
        ({"hyper_parameters": {}, "state_dict": {}}, "no message_passing block"),
        ({"hyper_parameters": {"message_passing": {}, "agg": {}, "predictor": {}}, "state_dict": {}}, "its class"),
        (lambda: with_changes({"d_h": 10**9}), "states d_h"),
        (lambda: with_changes({"d_v": [72]}), "states d_v"),
        (lambda: with_changes({"depth": 10**9}), "depth"),
        (lambda: with_changes({"depth": "3"}), "depth is no number"),
        (lambda: with_changes({"depth": 0}), "depth"),
        (lambda: with_changes({"activation": "softplus"}), "softplus"),
        (lambda: with_changes({"activation": 3}), "activation"),
        (lambda: with_changes({"dropout": 2.0}), "dropout"),
        (lambda: with_changes(state={"message_passing.W_h.weight": None}), "W_h.weight is missing"),
        (lambda: with_changes(state={"message_passing.W_o.bias": None}), "W_o.bias is missing"),
        (lambda: with_changes(state={"message_passing.W_h.weight": torch.ones(24, 23)}), "shape"),
        (lambda: with_changes(state={"message_passing.W_h.weight": torch.ones(24)}), "W_h.weight is missing"),
        (lambda: with_changes(state={"message_passing.W_h.weight": torch.full((24, 24), torch.nan)}), "finite"),
        (lambda: with_changes(state={"message_passing.W_h.weight": torch.ones(24, 24, dtype=torch.int64)}), "finite"),
        (
            lambda: with_changes(state={"message_passing.W_o.bias": torch.full((24,), 1e300, dtype=torch.float64)}),
            "finite",
        ),
        (lambda: with_changes(state={"message_passing.W_x.weight": torch.ones(2)}), "does not know"),
        (lambda: with_changes(state={"predictor.ffn.9.2.weight": torch.ones(2, 2)}), "missing"),
        (lambda: with_changes(state={"bn.weight": torch.ones(24)}), "bn.bias is missing"),
    ],
)
def test_checkpoints_that_contradict_themselves_are_refused(tmp_path, content, words):
    refused(tmp_path / "bad.pt", content() if callable(content) else content, words)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_a_file_claiming_a_huge_network_is_refused_before_memory_is_taken(tmp_path):
    """W_i of 100,000 rows and no columns costs nothing to store; W_h would be 40 GB."""
    content = with_changes({"d_h": 100_000, "d_v": 72, "d_e": 14})
    content["state_dict"] |= {
        "message_passing.W_i.weight": torch.ones(100_000, 86),
        "message_passing.W_o.weight": torch.ones(1, 100_072),
    }
    refused(tmp_path / "huge.pt", content, "shape|missing")
