"""Parity with chemprop's own forward pass, which is the oracle here."""

import re

import numpy as np
import pytest
import torch
from chemprop import data, models, nn
from chemprop_networks import checkpoint, network, refused, with_changes

from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint

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
    "in place": {"activation": torch.nn.ReLU(inplace=True), "depth": 4},
    "elu in place, undirected": {"activation": torch.nn.ELU(inplace=True), "undirected": True, "bias": True},
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
    "atoms in place": {"passing": ATOM, "activation": torch.nn.LeakyReLU(0.1, inplace=True), "bias": True},
    "atoms RIGR": {"passing": ATOM, "feature_set": "RIGR", "agg": "sum"},
}


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize("variety", VARIETIES)
def test_scores_equal_chemprops(variety, tmp_path, assert_parity):
    options = VARIETIES[variety]
    model = network(**options)
    models.save_model(tmp_path / "model.pt", model)
    assert_parity(read_checkpoint(tmp_path / "model.pt").predictor, model, options.get("feature_set", "V2"))


def test_a_checkpoint_of_torchs_older_format_is_the_same_model(tmp_path):
    """There every class of torch's modules is named with its source text beside it."""
    content = checkpoint(network(activation=torch.nn.PReLU(), ffn_activation="prelu", scaled=True))
    for name, is_zip in (("new.pt", True), ("old.pt", False)):
        torch.save(content, tmp_path / name, _use_new_zipfile_serialization=is_zip)
    new, old = (read_checkpoint(tmp_path / name).predictor for name in ("new.pt", "old.pt"))
    assert old.config == new.config
    assert all(torch.equal(value, new.state_dict()[key]) for key, value in old.state_dict().items())


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
        predictor = read_checkpoint(folder / name).predictor
        assert predictor.tasks == tasks
        assert not predictor.training
        assert_parity(predictor, model)


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_task_names(tmp_path):
    models.save_model(tmp_path / "named.pt", network(), ["a", "b"])
    assert read_checkpoint(tmp_path / "named.pt").predictor.tasks == ("a", "b")
    models.save_model(tmp_path / "unnamed.pt", network())
    assert read_checkpoint(tmp_path / "unnamed.pt").predictor.tasks == ("task_0", "task_1")
    models.save_model(tmp_path / "bad.pt", network(), ["a", "b", "c"])
    models.save_model(tmp_path / "half.pt", network(), ["IC50, nM", ""])
    half = read_checkpoint(tmp_path / "half.pt")
    assert half.predictor.tasks == ("IC50, nM", "task_1")
    assert half.notes[-1] == "it calls a task '', which no output could show; called task_1 here"
    assert not any("no output" in note for note in read_checkpoint(tmp_path / "named.pt").notes)
    with pytest.raises(CheckpointError, match="predicts 2 tasks, and it names 3"):
        read_checkpoint(tmp_path / "bad.pt")


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([1, 2], "its content is a list"),
        ({"state_dict": {}}, "weights and no hyper-parameters"),
        (lambda: with_changes(state={"message_passing.W_o.bias": None}), "W_o.bias is missing"),
        (lambda: with_changes(state={"message_passing.W_h.weight": torch.ones(24, 23)}), "shape"),
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
    """W_i of 10,000 rows and no columns costs nothing to store; W_h would be 400 MB."""
    content = with_changes({"d_h": 10_000, "d_v": 72, "d_e": 14})
    content["state_dict"] |= {
        "message_passing.W_i.weight": torch.ones(10_000, 86),
        "message_passing.W_o.weight": torch.ones(1, 10_072),
    }
    refused(tmp_path / "huge.pt", content, "shape|missing")


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_slopes_that_differ_from_layer_to_layer_are_refused(tmp_path):
    """chemprop has one for the whole head, and stores it again for every layer."""
    content = checkpoint(network(ffn_activation="prelu", ffn_layers=3))
    slopes = [key for key in content["state_dict"] if re.fullmatch(r"predictor\.ffn\.[1-9]\.0\.weight", key)]
    assert len(slopes) == 3
    torch.save(content, tmp_path / "same.pt")
    assert read_checkpoint(tmp_path / "same.pt").predictor.head.act.weight.item() == pytest.approx(0.13)
    content["state_dict"][slopes[1]] = torch.tensor([0.2])
    refused(tmp_path / "bad.pt", content, "slopes of its head differ")
