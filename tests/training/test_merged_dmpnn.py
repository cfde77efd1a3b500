from __future__ import annotations

import numpy as np
import pytest
import torch

from molq.chem.featurize import featurize
from molq.chem.packed import concat, take
from molq.nn.config import default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.training.merged_dmpnn import MergedForward, can_merge

VARIETY = [
    {},
    {"depth": 1, "readout": "mean"},
    {"depth": 2, "readout": "sum", "feature_set": "RIGR", "head_hidden": ()},
    {"bias": True, "activation": "elu", "activated_residual": True},
    {"depth": 5, "bias": True, "activation": "prelu", "readout": "attentive", "batch_norm": True},
]


@pytest.mark.parametrize("changes", VARIETY)
def test_logits_and_gradients_are_those_of_the_predictor(bace, changes):
    graphs = concat([bace.graphs, featurize(["C", "[Na+].[Cl-]", "CCO"]).graphs])
    config = default_config("dmpnn", ("a", "b"), "classification", d_h=24, **changes)
    torch.manual_seed(0)
    predictor = Predictor(config).double()
    if predictor.encoder.b_h is not None:
        torch.nn.init.normal_(predictor.encoder.b_h)
    mols = np.concatenate([np.random.default_rng(0).permutation(graphs.n_mols)[:40], [240, 241, 242, 0, 0]])
    merged = MergedForward(graphs, config)
    merged.atoms, merged.bonds = merged.atoms.double(), merged.bonds.double()

    outcomes = []
    for logits in (
        merged(predictor, mols),
        predictor(to_tensors(take(graphs, mols), config.feature_set, torch.float64)),
    ):
        predictor.zero_grad()
        logits.sin().sum().backward()
        outcomes.append([logits.detach(), *(p.grad for p in predictor.parameters() if p.grad is not None)])
    assert len(outcomes[0]) == len(outcomes[1])
    for ours, plain in zip(*outcomes, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-11)


def test_molecules_without_bonds_alone():
    graphs = featurize(["C", "[Na+].[Cl-]"]).graphs
    config = default_config("dmpnn", ("a",), "classification", d_h=8)
    torch.manual_seed(0)
    predictor = Predictor(config)
    logits = MergedForward(graphs, config)(predictor, np.arange(2))
    logits.sum().backward()
    torch.testing.assert_close(logits, predictor(to_tensors(graphs, "V2")))


def test_only_networks_whose_equal_environments_hold_equal_states_are_merged():
    def mergeable(architecture="dmpnn", **changes):
        return can_merge(default_config(architecture, ("a",), "classification", **changes))

    assert mergeable()
    assert not mergeable(dropout=0.1)
    assert not mergeable(undirected=True)
    assert not mergeable(bias=True, padded_degree=4)
    assert not mergeable("gine")
    assert not mergeable("attentivefp")
