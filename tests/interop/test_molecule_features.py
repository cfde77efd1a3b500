"""Checkpoints of chemprop 2 that take molecule features give its numbers; which they take is never guessed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from chemprop import data, featurizers
from chemprop.featurizers.molecule import MoleculeFeaturizerRegistry
from chemprop_networks import checkpoint, network, refused
from molecules import DRUGS
from rdkit import Chem

from molq.chem.featurize import featurize
from molq.chem.molecule_features.compute import width
from molq.engine.engine import Engine
from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint
from molq.interop.molecule_features import require_molecule_features
from molq.interop.told_recipe import AskedRecipe
from molq.nn.graph import to_tensors
from molq.quant.convert import quantize
from molq.quant.scheme import SCHEMES


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize(
    ("names", "options"),
    [
        (("morgan_binary",), {}),
        (("morgan_count", "charge"), {"batch_norm": True}),
        (("v1_rdkit_2d_normalized",), {"ffn_layers": 0}),
        (("v1_rdkit_2d",), {"agg": "attentive", "ffn_layers": 2}),
        (("charge", "rdkit_2d"), {}),
    ],
)
def test_scores_are_chemprops(names, options, scaled, tmp_path):
    theirs = network(n_extras=width(names), scaled_extras=scaled, scaled=True, **options)
    torch.save(checkpoint(theirs), tmp_path / "best.pt")
    mols = [Chem.MolFromSmiles(text) for text in DRUGS]
    made = [MoleculeFeaturizerRegistry[name]() for name in names]
    points = [data.MoleculeDatapoint(mol, x_d=np.hstack([f(mol) for f in made]).astype(float)) for mol in mols]
    featurizer = featurizers.SimpleMoleculeMolGraphFeaturizer()
    batch = data.collate_batch([data.MoleculeDataset(points, featurizer)[i] for i in range(len(points))])
    with torch.no_grad():
        expected = theirs(batch.bmg, None, batch.X_d).numpy()

    ours = read_checkpoint(tmp_path / "best.pt", AskedRecipe(molecule_featurizers=names)).predictor
    graphs = featurize(DRUGS, recipe=ours.recipe).graphs
    assert ours.config.n_extras == width(names)
    spread = 1e-5 * np.abs(expected).max()
    with torch.no_grad():
        forward = ours.activate(ours(to_tensors(graphs, ours.feature_set))).numpy()
    np.testing.assert_allclose(forward, expected, rtol=1e-5, atol=spread)
    np.testing.assert_allclose(Engine(ours).scores(graphs), expected, rtol=1e-5, atol=spread)


def test_quantized_scores_stay_near(tmp_path):
    torch.save(checkpoint(network(n_extras=2048)), tmp_path / "best.pt")
    exact = read_checkpoint(tmp_path / "best.pt", AskedRecipe(molecule_featurizers=("morgan_count",))).predictor
    graphs = featurize(DRUGS, recipe=exact.recipe).graphs
    expected = Engine(exact).scores(graphs)
    for scheme in ("int8", "w4a8"):
        scores = Engine(quantize(exact, SCHEMES[scheme], [graphs])).scores(graphs)
        assert 0 < np.abs(scores - expected).max() < 0.1 * expected.std()


def test_which_features_is_not_guessed(tmp_path):
    for n, words in {
        217: r"takes 217 numbers beside the graph's vector.*: rdkit_2d would be as many; name them with",
        2048: "morgan_binary or morgan_count would be as many",
        4096: "morgan_binary,morgan_count would be as many",
        3: r"came from a file \(--descriptors-path\), and molq has only SMILES",
    }.items():
        refused(tmp_path / "best.pt", checkpoint(network(n_extras=n)), words)


def test_features_of_another_width_are_refused():
    with pytest.raises(CheckpointError, match="charge, morgan_count are 2,049 numbers here, and its head takes 2,048"):
        require_molecule_features(2048, ("charge", "morgan_count"))
    with pytest.raises(CheckpointError, match="its head takes 0 beside"):
        require_molecule_features(0, ("charge",))
    with pytest.raises(CheckpointError, match="or another release of RDKit"):
        require_molecule_features(210, ("rdkit_2d",))
    require_molecule_features(0, ())
    require_molecule_features(2049, ("charge", "morgan_count"))


def test_a_scaler_that_is_none_of_chemprops_is_refused(tmp_path):
    content = checkpoint(network(n_extras=2048, scaled_extras=True))
    content["hyper_parameters"]["X_d_transform"] = torch.nn.ReLU()
    refused(tmp_path / "best.pt", content, "by no class of chemprop's")
    content = checkpoint(network(n_extras=2048, scaled_extras=True))
    content["state_dict"]["X_d_transform.mean"] = torch.zeros(1, 7)
    torch.save(content, tmp_path / "best.pt")
    with pytest.raises(CheckpointError, match=r"scaler.mean have shape \[7\]"):
        read_checkpoint(tmp_path / "best.pt", AskedRecipe(molecule_featurizers=("morgan_count",)))
